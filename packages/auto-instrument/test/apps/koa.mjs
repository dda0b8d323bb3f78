import Koa from 'koa';

const app = new Koa();
app.use((ctx) => {
  ctx.body = 'ok';
});
const server = app.listen(0, () => process.stdout.write(`${server.address().port}\n`));
