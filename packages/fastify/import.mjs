// What `import` gets where Node cannot require ES modules, and TypeScript looks for the types of ES modules: the objects of the
// CommonJS file, so that there is one copy, with its default export as such.
import commonjs from './dist/index.cjs';

export const { install, jaegerPlugin, uninstall } = commonjs;
export default jaegerPlugin;
