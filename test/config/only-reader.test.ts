import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const src = fileURLToPath(new URL('../../src/', import.meta.url));

/** The ways of getting at the environment: by member, by index, by destructuring, by a named import. */
const reading = [
  /process\s*\??\.\s*env\b/,
  /process\s*(\?\.)?\[\s*['"`]env/,
  /\{[^}]*\benv\b[^}]*\}\s*=\s*process\b/,
  /import\s*\{[^}]*\benv\b[^}]*\}\s*from\s*['"](node:)?process/,
];

/** The code without its comments, and without PATH: that is no option of ours, but what a child process is found by. */
function codeOf(file: string): string {
  const text = readFileSync(join(src, file), 'utf8');
  return text.replaceAll(/\/\*.*?\*\/|^\s*\/\/[^\n]*/gms, '').replaceAll("process.env['PATH']", '');
}

describe('the environment', () => {
  it('is read in src/config and nowhere else', () => {
    const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    // The SDK is a package of its own, whose users have an environment too.
    const others = [join('store', 'generated'), 'sdk'];
    const ours = files.filter((file) => others.every((folder) => !file.startsWith(folder)));
    const readers = ours.filter((file) => reading.some((way) => way.test(codeOf(file))));
    expect(readers).toEqual([join('config', 'load.ts')]);
  });
});
