// Finds a prometheus for tests, and prints how to start it as JSON: { command, libraries, origin }.
// node scripts/servers/prometheus.mjs
import { printProgram } from './program.mjs';

printProgram({
  name: 'prometheus',
  program: 'prometheus',
  packages: ['prometheus'],
  advice: 'Install Prometheus 2.40 or newer (apt-get install prometheus, brew install prometheus)',
});
