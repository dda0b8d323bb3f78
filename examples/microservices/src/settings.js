/** A URL out of the environment. */
export function urlFrom(name, standard) {
  const url = process.env[name] || standard;
  if (URL.canParse(url)) return url.replace(/\/$/, '');
  console.error(`${name} is no URL. Write one like ${standard}.`);
  return process.exit(1);
}

/** Says in one sentence what is missing, and ends the process. */
export function giveUp(service, what, variable, url, error) {
  const { host } = new URL(url);
  const reason = error.message || error.code;
  console.error(
    `${service} cannot use ${what} at ${host} (${reason}). ` +
      `Start one with "docker compose up --wait", or name one in ${variable}.`,
  );
  return process.exit(1);
}
