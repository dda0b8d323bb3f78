import { install as installPino, jaegerMixin, type PinoOptions } from '@spoor/pino';
import { install as installWinston, jaegerFormat, type WinstonOptions } from '@spoor/winston';
import { same } from './same.js';

const forPino: Required<PinoOptions> = {
  fields: { traceId: 'dd.trace_id', spanId: false },
  logErrors: true,
  module: undefined,
};
installPino(forPino);
const record = jaegerMixin({ mixin: () => ({ app: 'orders' }) })({}, 30);
same<typeof record, object>(true);
// @ts-expect-error a mixin is a function
jaegerMixin({ mixin: { app: 'orders' } });
// @ts-expect-error a typing error
installPino({ field: {} });

const forWinston: Required<WinstonOptions> = {
  fields: { traceId: 'dd.trace_id', spanId: false },
  logErrors: true,
  module: undefined,
};
installWinston(forWinston);
const info = jaegerFormat().transform({ level: 'info', message: 'paid' });
same<typeof info, { level: string; message: string }>(true);
// @ts-expect-error a typing error
jaegerFormat({ field: {} });
