/**
 * What an example must show: requests, each with the status of its answer (200) and its whole trace. Without a path it is a
 * trace that the command makes by itself. An example that is not here is asked what its own `curl` lines say.
 */
export const expected = {
  'auto-instrument': [
    {
      path: '/report/home',
      trace: [
        'spoor-example-auto-instrument GET /report/:page 200',
        '  spoor-example-auto-instrument GET 200',
        '    spoor-example-auto-instrument GET /visits/:page 200',
        '      spoor-example-auto-instrument redis:INCR',
        '      spoor-example-auto-instrument pg:SELECT',
      ],
    },
    {
      path: '/broken',
      status: 500,
      trace: [
        'spoor-example-auto-instrument GET /broken 500 ✗',
        '  spoor-example-auto-instrument pg:SELECT ✗',
      ],
    },
  ],
  'express-redis-postgres': [
    {
      path: '/products/1',
      trace: [
        'products GET /products/:id 200',
        '  products redis:GET',
        '  products pg:SELECT',
        '  products redis:SET',
      ],
    },
    { path: '/products/1', trace: ['products GET /products/:id 200', '  products redis:GET'] },
    {
      path: '/products/2/orders',
      method: 'POST',
      status: 201,
      trace: [
        'products POST /products/:id/orders 201',
        '  products order',
        '    products pg:UPDATE',
        '    products redis:DEL',
      ],
    },
    {
      path: '/products/2/orders',
      method: 'POST',
      status: 500,
      trace: [
        'products POST /products/:id/orders 500 ✗',
        '  products order ✗',
        '    products pg:UPDATE ✗',
      ],
    },
  ],
  fastify: [
    {
      path: '/forecast/1',
      trace: [
        'weather GET /forecast/:id 200',
        '  weather GET 200',
        '    weather GET /readings/:id 200',
        '  weather forecast',
      ],
    },
    {
      path: '/forecast/13',
      status: 500,
      trace: [
        'weather GET /forecast/:id 500 ✗',
        '  weather GET 500 ✗',
        '    weather GET /readings/:id 500 ✗',
      ],
    },
    { path: '/forecast/x', status: 400, trace: ['weather GET /forecast/:id 400'] },
  ],
  koa: [
    {
      path: '/books/1',
      trace: ['library GET /books/:id 200', '  library find book', '  library reading time'],
    },
    {
      path: '/books/2',
      status: 500,
      trace: ['library GET /books/:id 500 ✗', '  library find book', '  library reading time ✗'],
    },
    {
      path: '/books/3',
      status: 404,
      trace: ['library GET /books/:id 404', '  library find book'],
    },
  ],
  microservices: [
    {
      path: '/checkout/1',
      method: 'POST',
      trace: [
        'gateway POST /checkout/:id 200',
        '  gateway POST 200',
        '    orders POST /orders/:id/checkout 200',
        '      orders pg:SELECT',
        '      orders GET 200',
        '        pricing GET /prices/:sku 200',
        '          pricing redis:GET',
        '      orders GET 200',
        '        pricing GET /prices/:sku 200',
        '          pricing redis:GET',
        '      orders pg:UPDATE',
      ],
    },
    {
      path: '/checkout/4',
      method: 'POST',
      trace: [
        'gateway POST /checkout/:id 200',
        '  gateway POST 200',
        '    orders POST /orders/:id/checkout 200',
        '      orders pg:SELECT',
        '      orders GET 200',
        '        pricing GET /prices/:sku 200',
        '          pricing redis:GET',
        '          pricing ask supplier',
        '            pricing redis:SET',
        '      orders GET 200',
        '        pricing GET /prices/:sku 200',
        '          pricing redis:GET',
        '      orders pg:UPDATE',
      ],
    },
    {
      path: '/checkout/7',
      method: 'POST',
      status: 502,
      trace: [
        'gateway POST /checkout/:id 502 ✗',
        '  gateway POST 502 ✗',
        '    orders POST /orders/:id/checkout 502 ✗',
        '      orders pg:SELECT',
        '      orders GET 500 ✗',
        '        pricing GET /prices/:sku 500 ✗',
        '          pricing redis:GET',
        '      orders GET 200',
        '        pricing GET /prices/:sku 200',
        '          pricing redis:GET',
      ],
    },
  ],
  'migrate-from-jaeger-client': ['before', 'between', 'after'].map(() => ({
    trace: [
      'shop GET /checkout/:id 200',
      '  shop GET 200',
      '    shop GET /prices/:id 200',
      '      shop price',
    ],
  })),
  'typescript-nest': [
    { path: '/cats/1', trace: ['cats GET /cats/:id 200', '  cats find cat'] },
    { path: '/cats/9', status: 500, trace: ['cats GET /cats/:id 500 ✗', '  cats find cat ✗'] },
    { path: '/cats/x', status: 400, trace: ['cats GET /cats/:id 400'] },
  ],
};
