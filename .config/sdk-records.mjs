// Writes src/sdk/client/records.ts: the records, bodies and list queries of the management API as types, made from the
// OpenAPI document of the built server. With --check nothing is written; exit code 1 when the file is not up to date.
//
// Its own emitter, since members are to be readonly, and queries are made from parameters, which are no schema.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeApi } from '../dist/api/index.js';
import { readConfig } from '../dist/config/index.js';
import { managementOperations } from '../dist/operations.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = 'src/sdk/client/records.ts';
const head = `/**
 * The records of the management API, what they are made and changed from, and what their lists can be asked for.
 * Generated from the server's OpenAPI document by \`npm run types:sdk\`: change the schemas of the server instead.
 */
`;

/** Stands for the database: operations are only described here, nothing of it is used. */
const nothing = new Proxy(() => nothing, { get: () => nothing });

function describe() {
  const { config } = readConfig({});
  const operations = managementOperations({ config, store: nothing, sealer: nothing, clock: nothing });
  return describeApi({ issuer: 'https://auth.example.com', version: '', operations, endpoints: [], scopes: [] });
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);
const literal = (value) => JSON.stringify(value);
const union = (types) => [...new Set(types)].join(' | ');
const keyOf = (name) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name));

/** A docstring in as many lines as the description has. */
function docOf({ description, default: usual }) {
  const sentences = [description, usual === undefined ? undefined : `Default: ${literal(usual)}.`];
  const text = sentences.filter((sentence) => sentence !== undefined).join(' ');
  if (text === '') return '';
  const safe = text.replaceAll('*/', '*\\/');
  return safe.length < 110 ? `/** ${safe} */\n` : `/**\n${wrap(safe, 114)}\n */\n`;
}

/** Lines of at most so many characters, each behind a star. */
function wrap(text, width) {
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (longer.length > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines.map((line) => ` * ${line}`).join('\n');
}

function membersOf({ properties = {}, required = [], additionalProperties }) {
  const members = Object.entries(properties).map(
    ([name, schema]) =>
      `${docOf(schema)}readonly ${keyOf(name)}${required.includes(name) ? '' : '?'}: ${typeOf(schema)};\n`,
  );
  const open = additionalProperties !== undefined && additionalProperties !== false;
  return `{\n${members.join('')}${open ? 'readonly [member: string]: unknown;\n' : ''}}`;
}

function objectOf(schema) {
  if (schema.properties !== undefined) return membersOf(schema);
  return `Readonly<Record<string, ${typeOf(schema.additionalProperties ?? {})}>>`;
}

const primitives = {
  string: () => 'string',
  number: () => 'number',
  integer: () => 'number',
  boolean: () => 'boolean',
  null: () => 'null',
  array: ({ items = {} }) => `ReadonlyArray<${typeOf(items)}>`,
  object: objectOf,
};

/** The keywords that say what a value is, the most telling first. */
const keywords = [
  ['$ref', (reference) => reference.slice('#/components/schemas/'.length)],
  ['const', literal],
  ['enum', (values) => union(values.map(literal))],
  ['anyOf', (schemas) => union(schemas.map(typeOf))],
  ['oneOf', (schemas) => union(schemas.map(typeOf))],
  ['type', (types, schema) => union([types].flat().map((type) => primitives[type](schema)))],
];

/** The type of what a schema lets through, as far as TypeScript can say it. */
function typeOf(schema) {
  const found = keywords.find(([keyword]) => schema[keyword] !== undefined);
  return found === undefined ? 'unknown' : found[1](schema[found[0]], schema);
}

/** The texts `true` and `false` are what a boolean becomes in a query. */
const queryType = (schema) =>
  schema.enum?.every((value) => value === 'true' || value === 'false') ? 'boolean' : typeOf(schema);

/** `filter[name][contains]` within `{ filter: { name: { contains } } }`; a name may also stand for itself. */
function treeOf(parameters) {
  const tree = { branches: new Map() };
  for (const parameter of parameters) {
    const path = parameter.name.replaceAll(']', '').split('[');
    let node = tree;
    for (const part of path) {
      if (!node.branches.has(part)) node.branches.set(part, { branches: new Map() });
      node = node.branches.get(part);
    }
    node.parameter = parameter;
  }
  return tree;
}

function queryMembers({ branches }) {
  const members = [...branches].map(([name, node]) => {
    const { parameter } = node;
    const types = [
      ...(parameter === undefined ? [] : [queryType(parameter.schema)]),
      ...(node.branches.size === 0 ? [] : [queryMembers(node)]),
    ];
    const doc = parameter === undefined ? '' : docOf({ ...parameter.schema, description: parameter.description });
    return `${doc}readonly ${keyOf(name)}?: ${union(types)};\n`;
  });
  return `{\n${members.join('')}}`;
}

/** The types that belong to one operation alone: its body, unless it has a name already, and its query. */
function typesOf({ operationId, summary, parameters = [], requestBody }) {
  const name = capital(operationId);
  const queries = parameters.filter((parameter) => parameter.in === 'query');
  const body = requestBody?.content['application/json'].schema;
  return [
    ...(body === undefined || body.$ref !== undefined
      ? []
      : [`/** ${summary}: the body. */\nexport interface ${name} ${membersOf(body)}\n`]),
    ...(queries.length === 0
      ? []
      : [`/** ${summary}: the query. */\nexport interface ${name}Query ${queryMembers(treeOf(queries))}\n`]),
  ];
}

function schemaType(name, schema) {
  const record = schema.properties?.record_type?.const;
  const doc = docOf({ description: schema.description ?? (record && `The record \`${record}\`.`) });
  if (schema.type === 'object' && schema.properties !== undefined) {
    return `${doc}export interface ${name} ${membersOf(schema)}\n`;
  }
  return `${doc}export type ${name} = ${typeOf(schema)};\n`;
}

function formatted(source) {
  const biome = `${root}node_modules/.bin/biome`;
  const args = ['format', `--stdin-file-path=${target}`];
  const { status, stdout, stderr } = spawnSync(biome, args, { cwd: root, input: source, encoding: 'utf8' });
  if (status !== 0) throw new Error(`biome cannot format ${target}: ${stderr}`);
  return stdout;
}

function generate() {
  const { paths, components } = describe();
  const errors = new Set(['Error', 'OAuthError']);
  const schemas = Object.entries(components.schemas).filter(([name]) => !errors.has(name));
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
  const types = [...schemas.map(([name, schema]) => schemaType(name, schema)), ...operations.flatMap(typesOf)];
  return formatted([head, ...types].join('\n'));
}

const source = generate();
const current = existsSync(root + target) ? readFileSync(root + target, 'utf8') : undefined;
if (current !== source) {
  if (process.argv.includes('--check')) {
    process.stderr.write(`${target} is not up to date: npm run types:sdk\n`);
    process.exitCode = 1;
  } else writeFileSync(root + target, source);
}
