// Finds a redis-server for tests and the demo, and prints how to start it as JSON: { command, libraries, origin }.
// node scripts/servers/redis.mjs
import { printProgram } from './program.mjs';

printProgram({
  name: 'redis',
  program: 'redis-server',
  packages: ['redis-server', 'redis-tools'],
  withLibraries: true,
  advice: 'Install Redis 7 or newer (apt-get install redis-server, brew install redis)',
});
