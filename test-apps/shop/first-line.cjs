require('@spoor/auto-instrument');
require('./plain.cjs');
