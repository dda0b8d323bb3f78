import { bracketed } from './kinds.js';
import type { Resolved } from './resolve.js';

/** Where strategies are asked for, and whether somebody has said so. */
export interface SamplingServer {
  readonly url: string;
  readonly isGiven: boolean;
}

/**
 * A URL wins over `hostPort`, and that over its parts; but what the code says wins over all of the environment. Where nothing
 * is said, the server is looked for on the machine of the agent, as in jaeger-client-go.
 */
export function samplingServer({ settings, origin }: Resolved): SamplingServer {
  const { samplingServerUrl, samplerHostPort, samplerHost, samplerPort, samplingPath } = settings;
  const path = samplingPath.startsWith('/') ? samplingPath : `/${samplingPath}`;
  const host = bracketed(samplerHost ?? settings.agentHost);
  const built = `http://${host}:${samplerPort ?? 5778}${path}`;
  const candidates = [
    { option: 'sampler.samplingServerURL', url: samplingServerUrl },
    { option: 'sampler.hostPort', url: samplerHostPort && fromHostPort(samplerHostPort, path) },
    { option: 'sampler.host', url: samplerHost && built },
    { option: 'sampler.port', url: samplerPort && built },
  ].filter(({ url }) => url !== undefined);
  const { url = built } =
    candidates.find(({ option }) => origin(option) === 'code') ?? candidates[0] ?? {};
  return { url: String(url), isGiven: candidates.length > 0 };
}

/** The clients differ: Node takes `host[:port]`, Java too, Go a URL. */
export function fromHostPort(hostPort: string, path: string): string {
  const url = new URL(withScheme(hostPort));
  if (url.protocol === 'http:' && !/:\d+(\/|$)/.test(hostPort)) url.port = '5778';
  if (url.pathname === '/') url.pathname = path;
  return url.href;
}

function withScheme(hostPort: string): string {
  return /^https?:\/\//.test(hostPort) ? hostPort : `http://${hostPort}`;
}
