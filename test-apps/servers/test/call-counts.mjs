import { EventEmitter, once } from 'node:events';

/** A metrics factory for `RpcMetrics` that can be waited for. */
export class CallCounts extends EventEmitter {
  /** Those that are not 0, without `jaeger-rpc:`. */
  counts = {};
  durationsMs = [];
  #statusCount = 0;

  createCounter(name, tags) {
    const labels = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
    const id = [name.replace('jaeger-rpc:', ''), ...labels].join(' ');
    return {
      increment: (delta) => {
        this.counts[id] = (this.counts[id] ?? 0) + delta;
        // The last that is counted of a request.
        if (id.startsWith('http_requests')) this.#statusCount++;
        this.emit('count');
      },
    };
  }

  createGauge() {
    return { update() {} };
  }

  createTimer() {
    return { record: (durationMs) => void this.durationsMs.push(durationMs) };
  }

  /** Resolves once so many answers were counted; rejects after 5 seconds. */
  async answered(count) {
    const signal = AbortSignal.timeout(5000);
    while (this.#statusCount < count) await once(this, 'count', { signal });
  }
}
