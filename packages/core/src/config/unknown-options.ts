import { SpoorError } from '../errors.js';
import { nearest } from './nearest.js';

/**
 * Refuses keys that mean nothing, because a typing error in an option is otherwise never found.
 *
 * @param where how the caller wrote the object, e.g. `jaegerMiddleware` or `config`
 * @throws SpoorError `SPOOR_CONFIG` that names the nearest known key, or says that it is no object
 */
export function refuseUnknownOptions(
  where: string,
  options: object,
  known: readonly string[],
): void {
  if (typeof options !== 'object' || options === null) {
    throw new SpoorError(
      'SPOOR_CONFIG',
      `${where}: expected an object of options, got ${options}.`,
    );
  }
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const meant = nearest(key, known);
    const advice =
      meant === undefined ? `Write one of ${known.join(', ')}.` : `Did you mean ${where}.${meant}?`;
    throw new SpoorError('SPOOR_CONFIG', `${where}.${key}: unknown option. ${advice}`);
  }
}
