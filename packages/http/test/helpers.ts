import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { ConstSampler, InMemoryReporter, type RecordedSpan, Tracer } from '@spoor/core';
import { install, type ServerOptions, uninstall } from '@spoor/http';
import { awaitSpans, type FinishedSpans, listen } from '@spoor/testing';

export interface Recorder {
  readonly tracer: Tracer;
  readonly reporter: InMemoryReporter;
  readonly finished: FinishedSpans<RecordedSpan>;
}

export function record(): Recorder {
  const reporter = new InMemoryReporter();
  const tracer = new Tracer('test', { reporter, sampler: new ConstSampler(true) });
  return { tracer, reporter, finished: awaitSpans(reporter) };
}

export type Listener = (request: IncomingMessage, response: ServerResponse) => void;

export function serve(t: TestContext, listener: Listener): Promise<string> {
  return listen(t, createServer(listener));
}

/** Installs the patch until the test ends. */
export function patch(t: TestContext, server: ServerOptions): void {
  install({ server });
  t.after(uninstall);
}

export async function get(url: string, init?: RequestInit): Promise<string> {
  return (await fetch(url, init)).text();
}
