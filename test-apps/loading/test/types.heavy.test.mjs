import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const folder = fileURLToPath(new URL('..', import.meta.url));
const packages = fileURLToPath(new URL('../../../packages/', import.meta.url));

const strict = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts', 'lib.esnext.decorators.d.ts', 'lib.esnext.disposable.d.ts'],
  types: ['node'],
  esModuleInterop: true,
  skipLibCheck: false,
};
const systems = {
  'an ES module under node16': { type: 'module', module: ts.ModuleKind.Node16 },
  'a CommonJS module under node16': { type: 'commonjs', module: ts.ModuleKind.Node16 },
  'a module for a bundler': {
    type: 'module',
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  },
};

for (const [title, { type, ...options }] of Object.entries(systems)) {
  test(`${title}: what is meant compiles, what cannot be meant is refused`, (t) => {
    const own = mkdtempSync(path.join(folder, '.cache-'));
    t.after(() => rmSync(own, { recursive: true }));
    cpSync(path.join(folder, 'types'), own, { recursive: true });
    writeFileSync(path.join(own, 'package.json'), JSON.stringify({ type }));
    const files = readdirSync(own).filter((file) => file.endsWith('.ts'));
    const program = ts.createProgram(
      files.map((file) => path.join(own, file)),
      { ...strict, ...options },
    );
    assert.deepEqual(problems(program, [own, packages]), []);
  });
}

test('every public export has a doc comment, and so has every option', () => {
  const files = publishedPackages().map((name) => path.join(packages, name, 'dist/index.d.mts'));
  const options = { module: ts.ModuleKind.NodeNext, types: ['node'], skipLibCheck: true };
  const program = ts.createProgram(files, { ...options, noEmit: true });
  const checker = program.getTypeChecker();
  const undocumented = files.flatMap((file) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(file));
    return checker.getExportsOfModule(module).flatMap((exported) => {
      const name = `${path.relative(packages, file).split(path.sep)[0]}: ${exported.name}`;
      const symbol = resolved(checker, exported);
      return isOurs(symbol) ? undocumentedOf(checker, name, symbol) : [];
    });
  });
  assert.deepEqual(undocumented, []);
});

function resolved(checker, symbol) {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** The symbol itself, and what of its members, as deep as they go, a user would write. */
function undocumentedOf(checker, name, symbol) {
  if (symbol.flags & ts.SymbolFlags.Module) {
    const inner = checker.getExportsOfModule(symbol).map((one) => resolved(checker, one));
    return inner
      .filter(isOurs)
      .flatMap((one) => undocumentedOf(checker, `${name}.${one.name}`, one));
  }
  const own = isDocumented(checker, symbol) ? [] : [name];
  const isOptions = /(Options?|Config)(\$\d+)?$/.test(symbol.name);
  if (!isOptions || symbol.flags & ts.SymbolFlags.Class) return own;
  const members = checker.getDeclaredTypeOfSymbol(symbol).getProperties();
  return [...own, ...members.flatMap((member) => undocumentedMembers(checker, name, member))];
}

function undocumentedMembers(checker, parent, member) {
  if (!isOurs(member)) return [];
  const name = `${parent}.${member.name}`;
  const own = isDocumented(checker, member) ? [] : [name];
  const type = checker.getNonNullableType(checker.getTypeOfSymbol(member));
  const isLiteral =
    type.symbol?.flags & ts.SymbolFlags.TypeLiteral && type.getCallSignatures().length === 0;
  const members = isLiteral ? type.getProperties() : [];
  return [...own, ...members.flatMap((inner) => undocumentedMembers(checker, name, inner))];
}

function isDocumented(checker, symbol) {
  return (
    symbol.getDocumentationComment(checker).length > 0 || symbol.getJsDocTags(checker).length > 0
  );
}

/** What of `opentracing` and of Node goes through our index has its own documentation. */
function isOurs(symbol) {
  const file = symbol.declarations?.[0]?.getSourceFile().fileName;
  return file?.startsWith(packages.replaceAll(path.sep, '/')) && !file.includes('/node_modules/');
}

/** What the compiler says of files below these folders; what other libraries' types have wrong is theirs. */
function problems(program, folders) {
  const files = program
    .getSourceFiles()
    .filter(({ fileName }) => folders.some((own) => isBelow(fileName, own)));
  assert.ok(files.length > 10);
  const diagnostics = files.flatMap((file) => [
    ...program.getSyntacticDiagnostics(file),
    ...program.getSemanticDiagnostics(file),
  ]);
  return [
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...diagnostics,
  ].map(({ file, start, messageText }) => {
    const text = ts.flattenDiagnosticMessageText(messageText, ' ');
    if (file === undefined) return text;
    const line = file.getLineAndCharacterOfPosition(start).line + 1;
    return `${path.basename(file.fileName)}:${line} ${text}`;
  });
}

function isBelow(file, folder) {
  return (
    file.startsWith(folder.replaceAll(path.sep, '/')) &&
    !file.slice(folder.length).includes('node_modules')
  );
}

function publishedPackages() {
  return readdirSync(packages).filter((name) => {
    const manifest = readFileSync(path.join(packages, name, 'package.json'), 'utf8');
    return JSON.parse(manifest).private !== true;
  });
}
