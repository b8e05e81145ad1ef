import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { Operation } from '../api/index.ts';
import { loadConfig } from '../config/index.ts';
import { managementOperations, type OperationParts } from '../operations.ts';
import { type CommonOptions, carryOut } from './carry-out.ts';
import { examplesOf } from './examples.ts';
import { type Filling, fillingsOf, takesPassword } from './options.ts';
import { wordsOf } from './words.ts';

/** Stands for the database where operations are only described: nothing of it is ever used. */
const nothing: unknown = new Proxy(() => nothing, { get: () => nothing });

const descriptions: Readonly<Record<string, string>> = {
  clients: 'OAuth clients and their secrets',
  grants: 'what users have allowed',
  orgs: 'organizations, their tree and their members',
  accounts: 'accounts and their auth tokens',
  users: 'people who sign in',
  'api-keys': 'API keys',
  'access-tokens': 'tokens for browsers and phones',
  'capability-tokens': 'the older tokens of devices, and those of TaskRouter',
  resources: 'protected resources and their scopes',
  keys: 'the keys that sign tokens',
  sessions: 'where users are signed in',
  audit: 'who did what',
};

/** `-` is standard input, which leaves no trace in the list of processes nor in a shell's history. */
const contentOf = (path: string): string => readFileSync(path === '-' ? 0 : path, 'utf8');

/** @throws SyntaxError when the text is no JSON. */
function dataOf(given: string | undefined): Record<string, unknown> {
  if (given === undefined) return {};
  const text = given === '-' ? contentOf('-') : given.startsWith('@') ? contentOf(given.slice(1)) : given;
  return JSON.parse(text) as Record<string, unknown>;
}

function partsOf(options: CommonOptions & Readonly<Record<string, unknown>>, fillings: readonly Filling[]) {
  const query: Record<string, unknown> = {};
  const body = dataOf(options.data);
  if (options.passwordFile !== undefined) body['password'] = contentOf(options.passwordFile).replace(/\r?\n$/, '');
  for (const { option, place, member, read } of fillings) {
    const given = options[option.attributeName()];
    if (given === undefined) continue;
    if (place === 'query') query[member] = read(given);
    else body[member] = read(given);
  }
  return { query, body };
}

/** Finds a group of commands, making it where it is not there yet. */
function groupOf(program: Command, words: readonly string[]): Command {
  return words.reduce((parent, word) => {
    const there = parent.commands.find((command) => command.name() === word);
    if (there !== undefined) return there;
    const group = parent.command(word).description(descriptions[word] ?? `${word} of ${parent.name()}`);
    return group.addHelpText('after', () => examplesOf(word));
  }, program);
}

function addCommand(program: Command, operation: Operation, operations: readonly Operation[]): void {
  const named = wordsOf(operation, operations);
  if (named === undefined) return;
  const fillings = fillingsOf(operation);
  const command = groupOf(program, named.words.slice(0, -1)).command(named.words.at(-1) ?? '');
  command.description(operation.summary);
  for (const name of named.arguments) command.argument(`<${name}>`);
  for (const { option } of fillings) command.addOption(option);
  if (operation.body !== undefined) {
    command.option('--data <json>', 'members of the body as JSON; @file or - for standard input');
  }
  if (takesPassword(operation)) {
    command.option('--password-file <path>', 'a file with the password; - for standard input');
  }
  command.option('--json', 'print what the REST API would answer');
  command.addOption(new Option('--org <sid>', 'the organization to act for. Default: the one that runs this server'));
  command.action(async (...given: unknown[]) => {
    const options = given[named.arguments.length] as CommonOptions & Record<string, unknown>;
    const params = Object.fromEntries(named.arguments.map((name, at) => [name, given[at]]));
    const whole = () => ({ params, ...partsOf(options, fillings) });
    await carryOut(operation.id, whole, options);
  });
}

/** Adds a command for every operation of the management API. */
export function addManagement(program: Command): void {
  const operations = managementOperations({
    config: loadConfig().config,
    store: nothing as OperationParts['store'],
    sealer: nothing as OperationParts['sealer'],
    clock: nothing as OperationParts['clock'],
  });
  for (const operation of operations) addCommand(program, operation, operations);
}
