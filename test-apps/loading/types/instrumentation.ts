import type { Span } from '@spoor/core';
import {
  beforeHttpRequest,
  beforeRequest,
  defineInstrumentation,
  type funcSpan,
  type Instrumentation,
  installClientInterceptors,
  installPatches,
  traced,
  tracedMethod,
  wrapMethod,
} from '@spoor/instrumentation';
import { same } from './same.js';

interface Order {
  id: number;
}

async function priceOf(order: Order, currency = 'EUR'): Promise<number> {
  return order.id * currency.length;
}

const tracedPriceOf = traced(priceOf);
same<typeof tracedPriceOf, typeof priceOf>(true);
const named = traced('price order', priceOf, {
  tags: { component: 'orders' },
  onStart(span, order, currency) {
    same<typeof span, Span>(true);
    same<typeof order, Order>(true);
    same<typeof currency, string | undefined>(true);
  },
  untilClosed: true,
  requireActiveTrace: true,
});
same<typeof named, typeof priceOf>(true);

function first<T>(list: readonly T[]): T | undefined {
  return list[0];
}
const one = traced(first)([1, 2]);
same<typeof one, number | undefined>(true);

function* lines(text: string): Generator<string, number> {
  yield* text;
  return text.length;
}
same<ReturnType<ReturnType<typeof traced<typeof lines>>>, Generator<string, number>>(true);

// @ts-expect-error the arguments are those of the function
void named('7');
// @ts-expect-error what is no function has no calls
traced('price order', 7);
// @ts-expect-error a typing error
traced(priceOf, { tag: {} });

class Orders {
  @tracedMethod('price order')
  price(order: Order): number {
    return order.id;
  }
}
same<ReturnType<Orders['price']>, number>(true);
same<ReturnType<typeof funcSpan>, Span | undefined>(true);

installPatches('all');
installPatches(['pg', () => {}]);
// @ts-expect-error all, or a list
installPatches('pg');
installClientInterceptors([(span, request) => span.setTag('url', request.url)]);

const span = beforeRequest({ method: 'GET', url: 'http://localhost/', headers: { accept: '*/*' } });
same<typeof span, Span | undefined>(true);
beforeHttpRequest(
  { method: 'GET', url: new URL('http://localhost'), headers: {} },
  { semconv: 'otel' },
);
// @ts-expect-error a request has a URL
beforeRequest({ method: 'GET', headers: {} });

const instrumentation = defineInstrumentation({
  name: 'echo-client',
  readOptions: (options: { loud?: boolean }) => ({ isLoud: options.loud === true }),
  patches: [
    {
      library: 'echo-client',
      file: 'index.js',
      majors: [1],
      patch(exports: Orders, live) {
        same<typeof live.settings, { isLoud: boolean } | undefined>(true);
        return [wrapMethod(exports, 'price', (price) => (order) => price(order))];
      },
    },
  ],
});
same<typeof instrumentation, Instrumentation<{ loud?: boolean }>>(true);
// @ts-expect-error the options are its own
instrumentation.install({ quiet: true });
// @ts-expect-error a method that is not there
wrapMethod(new Orders(), 'total', (total) => total);
