import http from 'node:http';
import axios from 'axios';
import fetch from 'node-fetch';
import supertest from 'supertest';

const [major] = process.versions.node.split('.').map(Number);
const { default: got } = major >= 22 ? await import('got') : { default: undefined };

/**
 * Every client, in the same words; what a client does not do itself is left out. `abortsInTime`: its time limit aborts the
 * request without a reason, as a caller does who gives up.
 */
export const clients = [
  {
    name: 'axios',
    get: async (url, options) => (await axios.get(url, options)).data,
    post: async (url, body) => (await axios.post(url, body)).data,
    timeOut: (url) => axios.get(url, { timeout: 50 }),
  },
  {
    name: 'got',
    skip: got === undefined && 'got 16 needs Node 22',
    get: (url, options) => got(url, options).text(),
    post: (url, body) => got.post(url, { body }).text(),
    timeOut: (url) => got(url, { timeout: { request: 50 }, retry: { limit: 0 } }),
    retry: (url) => got(url, { retry: { limit: 2, calculateDelay: retryAtOnce } }).text(),
  },
  {
    name: 'node-fetch',
    get: async (url, options) => (await fetch(url, options)).text(),
    post: async (url, body) => (await fetch(url, { method: 'POST', body })).text(),
    timeOut: (url) => fetch(url, { signal: AbortSignal.timeout(50) }),
    abortsInTime: true,
  },
  {
    name: 'supertest',
    get: async (url) => (await supertest(url).get('').redirects(3)).text,
    post: async (url, body) => (await supertest(url).post('').send(body)).text,
    timeOut: (url) => supertest(url).get('').timeout(50),
    abortsInTime: true,
    retry: async (url) => (await supertest(url).get('').retry(2)).text,
  },
  {
    name: 'node:http',
    get: (url, options) =>
      new Promise((resolve, reject) => {
        const request = http.get(url, options, (response) => {
          let text = '';
          response.on('data', (chunk) => {
            text += chunk;
          });
          response.on('end', () => resolve(text));
        });
        request.on('error', reject);
      }),
    followsNothing: true,
  },
];

function retryAtOnce({ computedValue }) {
  return computedValue === 0 ? 0 : 1;
}
