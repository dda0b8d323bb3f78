import { bytesOf, get, kept, one } from './request.mjs';

const cookies = [
  get('/cookies/set'),
  get('/cookies/clear'),
  get('/cookies/read'),
  one('cookies that come back', 'GET', '/cookies/read', {
    headers: ['Cookie: one=1; two=a%20b; one=2'],
  }),
  one('cookies that are none', 'GET', '/cookies/read', { headers: ['Cookie: ;;=; a; %zz=%zz'] }),
  one('a cookie with a prototype in it', 'GET', '/cookies/read', {
    headers: ['Cookie: __proto__=1'],
  }),
  one('a signed cookie that is forged', 'GET', '/cookies/read', {
    headers: ['Cookie: signed=s:three.forged'],
  }),
  one('a very long cookie', 'GET', '/cookies/read', {
    headers: [`Cookie: one=${'c'.repeat(6000)}`],
  }),
  get('/session'),
  one('a session that is none', 'GET', '/session', {
    headers: ['Cookie: session=forged; session.sig=forged; visits=forged'],
  }),
  { title: 'two visits', steps: [kept('GET', '/session'), bytesOf('GET', '/session')] },
];

const queries = [
  get('/query?a=1&b=2&b=3'),
  get('/query?a[b]=1&a[c]=2'),
  get('/query?__proto__[x]=1&constructor=2&toString=3'),
  get('/query?empty=&blank&=none'),
  get('/query?plus=a+b&percent=%C3%A9&bad=%zz'),
  get('/query?uber-trace-id=1:2:0:1'),
  one('a very long address', 'GET', `/query?long=${'q'.repeat(10_000)}`),
  one(
    'a query of many',
    'GET',
    `/query?${Array.from({ length: 300 }, (_, i) => `k${i}=${i}`).join('&')}`,
  ),
  get('/params/one/two'),
  get('/params/a%20b/%C3%A9%2F'),
  get('/params/__proto__/constructor'),
  get('/mounted/shops/7/items/9'),
  get('/mounted/shops/7/items/9/', { status: [200, 404] }),
  get('//json', { status: [200, 404] }),
  get('/JSON', { status: [200, 404] }),
  get('/json/', { status: [200, 404] }),
  get('/../json', { status: [200, 404] }),
];

const redirects = [
  get('/redirect/found', { status: 302 }),
  get('/redirect/permanent', { status: 301 }),
  get('/redirect/caf%C3%A9', { status: [302, 500] }),
  one('a redirect for those who want HTML', 'GET', '/redirect/html', {
    headers: ['Accept: text/html'],
    status: 302,
  }),
  one('a redirect for those who want text', 'GET', '/redirect/text', {
    headers: ['Accept: text/plain'],
    status: 302,
  }),
];

const negotiated = [
  'text/html',
  'application/json',
  'application/json;q=0.5, text/html',
  'image/png',
  '*/*',
].map((accept) =>
  one(`Accept: ${accept}`, 'GET', '/negotiated', {
    headers: [`Accept: ${accept}`],
    status: [200, 406],
  }),
);

const versions = [
  one('HTTP/1.0', 'GET', '/json', { version: '1.0' }),
  one('HTTP/1.0 of a stream', 'GET', '/raw/chunks', { version: '1.0' }),
  one('HTTP/1.0 of early hints', 'GET', '/raw/early-hints', { version: '1.0', status: 103 }),
  {
    title: 'HTTP/1.0 without Host',
    steps: ['GET /json HTTP/1.0\r\n\r\n'],
  },
  {
    title: 'HTTP/1.0 that is kept alive',
    steps: [
      Buffer.concat([
        kept('GET', '/json', { version: '1.0', headers: ['Connection: keep-alive'] }),
        bytesOf('GET', '/', { version: '1.0' }),
      ]),
    ],
  },
  one('HTTP/2.0 in a request line', 'GET', '/json', { version: '2.0', status: [400, 505, 200] }),
  one('HTTP/3.7 in a request line', 'GET', '/json', { version: '3.7', status: [400, 505] }),
  { title: 'HTTP/0.9', steps: ['GET /json\r\n\r\n'], status: [200, 400, 505] },
  {
    title: 'the preface of HTTP/2',
    steps: ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    status: [400, 505],
  },
];

export const answers = [...cookies, ...queries, ...redirects, ...negotiated, ...versions];
