import type { Tracer } from '@spoor/core';
import { start } from './start.js';

/**
 * The tracer that loading this package has started: of the service that `JAEGER_SERVICE_NAME`, `OTEL_SERVICE_NAME` or the
 * application's `package.json` name. Undefined where the configuration is wrong, which is printed, where tracing is disabled,
 * and in npm, pnpm and Yarn, which get `NODE_OPTIONS` too: the application goes on without it.
 */
export const tracer: Tracer | undefined = start(process.env);
