// Finds a redis-server for tests and the demo, and prints how to start it as JSON: { command, libraries, origin }.
// node scripts/servers/redis.mjs
import { printServer } from './debian.mjs';

printServer({
  name: 'redis',
  program: 'redis-server',
  packages: ['redis-server', 'redis-tools'],
  advice: 'Install Redis 7 or newer (apt-get install redis-server, brew install redis)',
});
