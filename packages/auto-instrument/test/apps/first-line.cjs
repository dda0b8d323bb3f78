require('@spoor/auto-instrument');
require('./express.cjs');
