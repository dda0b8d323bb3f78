import '@spoor/auto-instrument';
import './plain.mjs';
