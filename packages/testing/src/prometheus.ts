import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Cleanup } from './listen.js';
import { freePort, launchServer } from './server-process.js';

/** A real Prometheus on this machine, until the test ends. */
export interface PrometheusServer {
  /** `http://127.0.0.1:4711` */
  readonly url: string;
  /** What a PromQL query answers now: the value of each series, by its labels without name, job and instance. */
  query(query: string): Promise<PrometheusSeries[]>;
}

/** One series of an answer. */
export interface PrometheusSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface QueryAnswer {
  readonly status: string;
  readonly error?: string;
  readonly data: { result: { metric: Record<string, string>; value: [number, string] }[] };
}

/**
 * Starts a Prometheus that scrapes `/metrics` of these targets five times a second, and resolves once it answers.
 *
 * @param targets `127.0.0.1:4711`
 */
export async function startPrometheus(
  t: Cleanup,
  targets: readonly string[],
): Promise<PrometheusServer> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const outcome = await launchServer(t, 'prometheus', {
      argsFor: (folder) => argsFor(folder, port, targets),
      answers: () => isReady(port),
    });
    const url = `http://127.0.0.1:${port}`;
    if (typeof outcome !== 'string') return { url, query: (query) => ask(url, query) };
    // Somebody else was faster.
    if (attempt < 5 && outcome.includes('address already in use')) continue;
    throw new Error(`prometheus did not start:\n${outcome}`);
  }
}

function argsFor(folder: string, port: number, targets: readonly string[]): readonly string[] {
  const file = path.join(folder, 'prometheus.yml');
  const scrape = { job_name: 'test', scrape_interval: '200ms', scrape_timeout: '200ms' };
  // JSON is YAML too.
  writeFileSync(
    file,
    JSON.stringify({ scrape_configs: [{ ...scrape, static_configs: [{ targets }] }] }),
  );
  return [
    `--config.file=${file}`,
    `--storage.tsdb.path=${path.join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok;
  } catch {
    return false;
  }
}

async function ask(url: string, query: string): Promise<PrometheusSeries[]> {
  const response = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query })}`);
  const { status, error, data } = (await response.json()) as QueryAnswer;
  if (status !== 'success') throw new Error(`Prometheus refused ${query}: ${error}`);
  return data.result.map(({ metric, value }) => {
    const { __name__: _name, job: _job, instance: _instance, ...labels } = metric;
    return { labels, value: Number(value[1]) };
  });
}
