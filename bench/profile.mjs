import { Session } from 'node:inspector/promises';

const samplingIntervalUs = 200;

/** Profiles this process until the function that it returns is called; that one gives the summary. */
export async function startProfile() {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: samplingIntervalUs });
  await session.post('Profiler.start');
  return async () => {
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    return summarise(profile);
  };
}

/** Functions and packages by their share of the time that the process was not idle, largest first. */
function summarise({ nodes, samples, timeDeltas }) {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const functions = new Map();
  const packages = new Map();
  let total = 0;
  samples.forEach((id, i) => {
    const { functionName, url, lineNumber } = frames.get(id);
    if (functionName === '(idle)') return;
    const time = timeDeltas[i];
    total += time;
    const origin = packageOf(url, functionName);
    const where = url === '' ? '' : ` ${url.split('/').pop()}:${lineNumber + 1}`;
    add(functions, `${functionName || '(anonymous)'}${where} [${origin}]`, time);
    add(packages, origin, time);
  });
  const shares = (map) =>
    [...map]
      .map(([name, time]) => ({ name, share: time / total }))
      .sort((a, b) => b.share - a.share);
  return { functions: shares(functions), packages: shares(packages) };
}

function add(map, key, time) {
  map.set(key, (map.get(key) ?? 0) + time);
}

function packageOf(url, functionName) {
  if (url.startsWith('node:')) return 'node';
  if (url === '') return functionName.startsWith('(') ? functionName.slice(1, -1) : 'native';
  const installed = url.lastIndexOf('/node_modules/');
  if (installed !== -1) {
    return /^(@[^/]+\/)?[^/]+/.exec(url.slice(installed + '/node_modules/'.length))[0];
  }
  const ours = /\/packages\/([^/]+)\//.exec(url);
  return ours === null ? 'bench' : `@spoor/${ours[1]}`;
}

const isSpoor = ({ name }) => /@spoor\//.test(name);

export function printProfile({ functions, packages }) {
  printShares('The 15 functions that take most, self time:', functions.slice(0, 15));
  const own = functions.filter(isSpoor).filter(({ share }) => share >= 0.0005);
  printShares("Spoor's own functions, self time:", own.slice(0, 25));
  printShares('By package:', packages.slice(0, 15));
}

function printShares(title, shares) {
  console.log(`\n${title}\n`);
  for (const { name, share } of shares) {
    console.log(`${(share * 100).toFixed(1).padStart(5)} %  ${name}`);
  }
}
