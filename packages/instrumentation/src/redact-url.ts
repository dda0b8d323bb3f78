/** Keys of a query string whose values are credentials; compared without case. */
const credentialKeys = new Set(
  [
    'access_token',
    'api_key',
    'api-key',
    'apikey',
    'auth',
    'authorization',
    'awsaccesskeyid',
    'client_secret',
    'code',
    'id_token',
    'jwt',
    'key',
    'passwd',
    'password',
    'pwd',
    'refresh_token',
    'secret',
    'session',
    'sessionid',
    'sig',
    'signature',
    'token',
    'x-amz-credential',
    'x-amz-security-token',
    'x-amz-signature',
    'x-goog-credential',
    'x-goog-signature',
  ].map((key) => key.toLowerCase()),
);

/** Longer ones are cut: a span is no place for a body that somebody put into a URL. */
const maxUrlChars = 2048;

/** The path and query of a URL with the values of credential-like keys replaced by `REDACTED`, at most 2048 characters. */
export function redactPath(path: string): string {
  const cut = path.length > maxUrlChars ? path.slice(0, maxUrlChars) : path;
  const query = cut.indexOf('?');
  if (query === -1) return cut;
  const pairs = cut.slice(query + 1).split('&');
  let isChanged = false;
  for (let i = 0; i < pairs.length; i++) {
    const pair = pairs[i]!;
    const equals = pair.indexOf('=');
    if (equals === -1 || !isCredentialKey(pair.slice(0, equals))) continue;
    pairs[i] = `${pair.slice(0, equals)}=REDACTED`;
    isChanged = true;
  }
  return isChanged ? `${cut.slice(0, query)}?${pairs.join('&')}` : cut;
}

function isCredentialKey(key: string): boolean {
  const lower = key.toLowerCase();
  if (credentialKeys.has(lower)) return true;
  if (!lower.includes('%')) return false;
  try {
    return credentialKeys.has(decodeURIComponent(lower));
  } catch {
    return false;
  }
}
