import { setTimeout as sleep } from 'node:timers/promises';
import Router from '@koa/router';
import { initTracer } from '@spoor/core';
import { traced } from '@spoor/instrumentation';
import { jaegerMiddleware } from '@spoor/koa';
import Koa from 'koa';

const tracer = initTracer({ serviceName: 'library' });
const books = new Map([
  ['1', { title: 'The Left Hand of Darkness', pages: 304 }],
  ['2', { title: 'A Book Without Pages', pages: undefined }],
]);

/** Each call is a span, below that of the request. */
const findBook = traced('find book', async (id) => {
  await sleep(5);
  return books.get(id);
});

const readingTime = traced('reading time', ({ title, pages }) => {
  if (pages === undefined) throw new RangeError(`"${title}" has no pages`);
  return { title, hours: pages / 40 };
});

const router = new Router();
router.get('/books/:id', async (ctx) => {
  ctx.span.setTag('book.id', ctx.params.id);
  const book = await findBook(ctx.params.id);
  if (book === undefined) ctx.throw(404, 'no such book');
  ctx.body = readingTime(book);
});

const app = new Koa();
app.use(jaegerMiddleware()); // first
app.use(router.routes());

const server = app.listen(process.env.PORT ?? 3000, () => {
  const url = `http://localhost:${server.address().port}`;
  console.log(`The library runs. Try: curl ${url}/books/1`);
});
server.on('error', (error) => {
  console.error(`The library cannot listen: ${error.message}`);
  process.exitCode = 1;
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stop);

function stop() {
  server.close(() => tracer.close()); // sends what is buffered
}
