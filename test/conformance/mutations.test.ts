import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

type Edit = readonly [file: string, find: string, replace: string];

/** As `mutations/index.mjs` describes it. */
interface Mutation {
  readonly check: number;
  readonly out: string;
  readonly edits: readonly Edit[];
  readonly test: string;
  readonly name?: string;
}

const folder = 'test/conformance';
const root = fileURLToPath(new URL('../..', import.meta.url));
// Asked for by its address, since a program without types has none to import.
const { mutations } = (await import(new URL('mutations/index.mjs', import.meta.url).href)) as {
  readonly mutations: readonly Mutation[];
};

function textOf(file: string): string {
  const path = join(root, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** The edits that would not apply, each made on what the ones before it have left. */
function misfits({ check, out, edits }: Mutation): readonly string[] {
  const edited = new Map<string, string>();
  return edits.flatMap(([file, find, replace]) => {
    const text = edited.get(file) ?? textOf(file);
    const after = text.replace(find, () => replace);
    edited.set(file, after);
    const times = text.split(find).length - 1;
    return times === 1 && after !== text ? [] : [`${check}, without ${out}: ${times} times in ${file}: ${find}`];
  });
}

const title = /^( *)(describe|it)(?:\.each\b[\s\S]*?\))?\(\s*(['"`])(.*?)\3,/gm;

/** The tests in a file by the names that jest gives them, with their placeholders: groups are told by the indentation. */
function testsIn(file: string): readonly string[] {
  const groups: Array<{ readonly depth: number; readonly text: string }> = [];
  return [...textOf(file).matchAll(title)].flatMap(([, indent = '', kind, , text = '']) => {
    while ((groups.at(-1)?.depth ?? -1) >= indent.length) groups.pop();
    const name = [...groups.map((group) => group.text), text].join(' ');
    if (kind === 'describe') groups.push({ depth: indent.length, text });
    return kind === 'it' ? [name] : [];
  });
}

/** The name that the runner asks jest for, if there is no such test. */
function lost({ check, test, name = `(^| )${check}: ` }: Mutation): readonly string[] {
  const pattern = new RegExp(name);
  return testsIn(test).some((known) => pattern.test(known)) ? [] : [`${check}: ${test} has no test "${name}"`];
}

describe('what takes the protections out, one by one and by hand,', () => {
  it('still fits the sources: each text stands once where it is looked for', () => {
    expect(mutations.filter(({ edits }) => edits.length === 0)).toEqual([]);
    expect(mutations.flatMap(misfits)).toEqual([]);
  });

  it('names tests that there are', () => {
    expect(mutations.flatMap(lost)).toEqual([]);
  });

  it('is there for every check of this folder', () => {
    const files = readdirSync(join(root, folder)).filter((file) => file.endsWith('.test.ts'));
    const names = files.flatMap((file) => testsIn(`${folder}/${file}`));
    const checks = new Set(names.flatMap((name) => / (\d+): /.exec(name)?.[1] ?? []).map(Number));
    expect(checks.size).toBeGreaterThan(45);
    for (const { check } of mutations) checks.delete(check);
    expect([...checks]).toEqual([]);
  });
});
