// Loads the entry points named on the command line with require and with import, in one process; prints what differs.
const differences = [];

async function main() {
  for (const name of process.argv.slice(2)) {
    const required = require(name);
    const imported = await import(name);
    const exported = Object.keys(required).filter(
      (key) => !['default', 'module.exports', '__esModule'].includes(key),
    );
    if (exported.length === 0) differences.push(`${name} exports nothing`);
    for (const key of exported) {
      if (required[key] !== imported[key]) differences.push(`${name}: ${key}`);
    }
  }
  process.stdout.write(JSON.stringify(differences));
}

void main();
