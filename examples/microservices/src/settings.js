/** A URL out of the environment. */
export function urlFrom(name, standard) {
  const url = process.env[name] || standard;
  if (URL.canParse(url)) return url.replace(/\/$/, '');
  console.error(`${name} is no URL. Write one like ${standard}.`);
  return process.exit(1);
}

/** Says in one sentence what is missing, and ends the process. */
export function giveUp(what, variable, url, error) {
  const { host } = new URL(url);
  const reason = /^E[A-Z]+$/.test(error.code) ? error.code : error.message;
  console.error(
    `${what} at ${host} cannot be reached (${reason}). ` +
      `Start it with "docker compose up -d", or name another in ${variable}.`,
  );
  return process.exit(1);
}
