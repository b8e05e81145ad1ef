// Writes docs/sdk/: what each entry of the SDK exports, with the docstrings, read from the declarations that the build
// leaves in src/sdk/dist. With --check nothing is written; exit code 1 when a page is not up to date.
//
// The tools made for this take TypeScript's JavaScript API, which its native compiler does not have.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from '@swc/core';

const dist = fileURLToPath(new URL('../src/sdk/dist/', import.meta.url));
const docs = fileURLToPath(new URL('../docs/sdk/', import.meta.url));
const entries = [
  { page: 'reference.md', from: '@countersign/sdk', file: 'index.d.ts' },
  { page: 'jwt.md', from: '@countersign/sdk/jwt', file: 'jwt/index.d.ts' },
  { page: 'verify.md', from: '@countersign/sdk/verify', file: 'verify/index.d.ts' },
];

const marker = '0;\n';

/** A file of declarations, with a way to see the text of each. Spans count bytes from wherever the parser was before. */
function open(file) {
  const bytes = Buffer.from(marker + readFileSync(file, 'utf8'));
  const { body } = parseSync(bytes.toString(), { syntax: 'typescript', target: 'es2022' });
  const base = body[0].span.start;
  const slice = (start, end) => bytes.subarray(start - base, end - base).toString();
  return { file, items: body.slice(1), slice, before: (node) => slice(base, node.span.start) };
}

const files = new Map();
function load(file) {
  if (!files.has(file)) files.set(file, open(file));
  return files.get(file);
}

/** The docstring right before a node, without its stars. */
function docOf(source, node) {
  const found = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(source.before(node));
  return (found?.[1] ?? '').replaceAll(/^\s*\* ?/gm, '').trim();
}

/** The declaration inside an export, if any. */
const bare = (item) => (item.type === 'ExportDeclaration' ? item.declaration : item);
const nameOf = (declaration) =>
  declaration.identifier?.value ?? declaration.id?.value ?? declaration.declarations?.[0]?.id?.value;

const resolve = (source, specifier) => join(dirname(source.file), specifier.replace(/\.(ts|js)$/, '.d.ts'));

const within = (name, found) => found.map((inner) => ({ ...inner, name: `${name}.${inner.name}` }));

/** What one `export { ... }` names: under which name, and where it is declared. */
function namesIn(source, item) {
  const from = item.source === null ? source : load(resolve(source, item.source.value));
  return item.specifiers.flatMap((specifier) => {
    const local = (specifier.orig ?? specifier.name).value;
    const name = (specifier.exported ?? specifier.name ?? specifier.orig).value;
    if (specifier.type === 'ExportNamespaceSpecifier') return within(name, exportsOf(from));
    return find(from, local).map((found) => ({ ...found, name: found.name.replace(local, name) }));
  });
}

/** What a name stands for that another file declares. */
function findImported(source, local) {
  const imports = source.items.filter(({ type }) => type === 'ImportDeclaration');
  return imports.flatMap((item) =>
    item.specifiers
      .filter((specifier) => specifier.local.value === local)
      .flatMap((specifier) => {
        const from = load(resolve(source, item.source.value));
        return specifier.type === 'ImportNamespaceSpecifier'
          ? within(local, exportsOf(from))
          : find(from, specifier.imported?.value ?? local);
      }),
  );
}

/** Where a name is declared; in more than one place when a class and a namespace share it. */
function find(source, local) {
  const own = source.items.filter((item) => nameOf(bare(item)) === local);
  return own.length > 0 ? own.map((item) => ({ name: local, source, item })) : findImported(source, local);
}

/** All that a file exports, in its order. */
function exportsOf(source) {
  return source.items.flatMap((item) => {
    if (item.type === 'ExportNamedDeclaration') return namesIn(source, item);
    if (item.type === 'ExportAllDeclaration') return exportsOf(load(resolve(source, item.source.value)));
    if (item.type === 'ExportDeclaration') return [{ name: nameOf(item.declaration), source, item }];
    return [];
  });
}

/** One line of code. */
const flat = (code) => code.replaceAll(/\s+/g, ' ').trim();

/** The tags of a docstring as sentences. */
function sentences(doc) {
  return doc
    .replaceAll(/\{@link ([^}]+)\}/g, '`$1`')
    .replaceAll(/@param (\w+) /g, '\n`$1`: ')
    .replaceAll(/@returns? /g, '\nReturns ')
    .replaceAll(/@throws /g, '\nThrows ')
    .replaceAll(/@(default|deprecated|see|example)\b/g, '\n$1')
    .trim();
}

const hidden = new Set(['PrivateProperty', 'EmptyStatement']);
/** Users of a class write no protected field; its constructor and methods are for those who extend it. */
const isInner = ({ type, accessibility }) =>
  accessibility === 'private' || (accessibility === 'protected' && type === 'ClassProperty');
const isShown = (member) => !hidden.has(member.type) && !isInner(member);

function memberLine(source, member) {
  const { start, end } = member.span;
  const code = flat(source.slice(start, end).replaceAll(/\/\*\*(?:(?!\*\/)[\s\S])*\*\//g, '')).replace(/;$/, '');
  const doc = flat(sentences(docOf(source, member)));
  return `- \`${code}\`${doc === '' ? '' : `: ${doc}`}`;
}

/** Head and members of a class or an interface; the whole text of anything else. */
function partsOf(source, declaration, item) {
  const body = declaration.body;
  const members = Array.isArray(body) ? body : body?.type === 'TsInterfaceBody' ? body.body : undefined;
  const text = source.slice(item.span.start, item.span.end).replace(/^export (declare )?|^declare /, '');
  if (members === undefined) return { head: flat(text), members: [] };
  return { head: flat(text.slice(0, text.indexOf('{'))), members: members.filter(isShown) };
}

function section({ name, source, item }) {
  const { head, members } = partsOf(source, bare(item), item);
  const doc = sentences(docOf(source, item));
  const lines = members.map((member) => memberLine(source, member));
  return [
    `## ${name}`,
    ...(doc === '' ? [] : [doc]),
    `\`\`\`ts\n${head}\n\`\`\``,
    ...(lines.length === 0 ? [] : [lines.join('\n')]),
  ].join('\n\n');
}

function pageOf({ from, file }) {
  const source = load(join(dist, file));
  const intro = source.items[0] === undefined ? '' : docOf(source, source.items[0]);
  const note = 'Generated from the docstrings by `npm run docs:sdk`. Edit those.';
  return `${[`# ${from}`, note, intro, ...exportsOf(source).map(section)].join('\n\n')}\n`;
}

mkdirSync(docs, { recursive: true });
for (const entry of entries.filter(({ file }) => existsSync(join(dist, file)))) {
  const path = join(docs, entry.page);
  const page = pageOf(entry);
  const current = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  if (current === page) continue;
  if (process.argv.includes('--check')) {
    process.stderr.write(`docs/sdk/${entry.page} is not up to date: npm run docs:sdk\n`);
    process.exitCode = 1;
  } else writeFileSync(path, page);
}
