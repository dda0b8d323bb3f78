/**
 * A certificate for `localhost` and 127.0.0.1 that nobody else has signed, and its key: for servers in tests. Clients take it
 * with `ca: localhostCertificate.cert`. Valid until 2126.
 */
export const localhostCertificate: { readonly key: string; readonly cert: string } = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgQ0sk3UwOZb1lFgFh
yKZTLigBkO51GI51JsFZ2ziusVWhRANCAAQTTArkBdKVqE5V+t9HJy0rN+sCNRfT
hNtGOu8RDdmVaar3Jzc4+cNpbhci7dQonHCxACfPJgBf3aOrHco6ycOf
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBmjCCAUGgAwIBAgIUKPWZS76SYeSrq4pmeLdc5XIzUvkwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTEyMTgyNFoYDzIxMjYxMDI4
MTIxODI0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQTTArkBdKVqE5V+t9HJy0rN+sCNRfThNtGOu8RDdmVaar3Jzc4+cNp
bhci7dQonHCxACfPJgBf3aOrHco6ycOfo28wbTAdBgNVHQ4EFgQUETHUaBbUrBAm
g6RDBVQpdzlK6J4wHwYDVR0jBBgwFoAUETHUaBbUrBAmg6RDBVQpdzlK6J4wDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDRwAwRAIgM3j2Ycca1g012iPNFa2zkAbFhVFpmBhtnqBCbm72CccCIEJW
vHZCQmsZbZCqn4omtniDA8Y12OpnCGX7zZXtoUZr
-----END CERTIFICATE-----`,
};
