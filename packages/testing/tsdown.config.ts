import base from '../../tsdown.base.ts';

// Nobody requires it.
export default { ...base, format: ['esm'], plugins: [] };
