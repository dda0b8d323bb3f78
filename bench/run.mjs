// node bench/run.mjs <command> [options]   (or: pnpm bench <command> [options])
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import * as client from './client.mjs';
import * as soak from './heap.mjs';
import * as http from './http.mjs';
import * as preload from './preload.mjs';
import { stopProcesses } from './processes.mjs';
import * as span from './span.mjs';
import { UsageError } from './usage-error.mjs';

const commands = { span, http, client, soak, preload };

const help = `pnpm bench <command> [options]
${Object.values(commands)
  .map(({ usage }) => `\n${usage}`)
  .join('\n')}`;

// Servers and load shall not outlive the question.
process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));
process.on('exit', stopProcesses);

try {
  await main(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof UsageError || error.code?.startsWith('ERR_PARSE_ARGS');
  console.error(isUsage ? `${error.message}\n\n${help}` : error);
  process.exit(isUsage ? 2 : 1);
}

async function main([name, ...rest]) {
  if (name === '--help' || name === '-h' || rest.includes('--help')) {
    console.log(help);
    return;
  }
  const names = Object.keys(commands).join(', ');
  if (name === undefined) throw new UsageError(`Which command? There are: ${names}.`);
  if (!Object.hasOwn(commands, name)) {
    throw new UsageError(`Unknown command "${name}". There are: ${names}.`);
  }
  if (!existsSync(new URL('../packages/core/dist', import.meta.url))) {
    throw new Error('The packages are not built. Run "pnpm build" first.');
  }
  const { options, run } = commands[name];
  await run(parseArgs({ args: rest, options }).values);
}
