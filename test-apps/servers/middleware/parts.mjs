import { fileURLToPath } from 'node:url';
import { id } from '../adapters/behaviour.mjs';

/** Large enough for every compressor. */
export const bigAnswer = () => ({ spanId: id(), padding: 'x'.repeat(20_000) });

/** What became of an upload, and which span was active when it was there. */
export const uploadAnswer = (bytes, field) => ({ bytes, field, spanId: id() });

/** How often a session has asked, and which span is active behind the store. */
export const sessionAnswer = (count) => ({ count, spanId: id() });

export const staticFolder = fileURLToPath(new URL('static', import.meta.url));

export const secret = 'a secret that is long enough for everybody';
