import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const generator = fileURLToPath(new URL('../../.config/sdk-reference.mjs', import.meta.url));

it('the reference in docs/sdk says what the docstrings of the build say', async () => {
  const { stderr } = await promisify(execFile)(process.execPath, [generator, '--check']).catch((error) => error);
  expect(stderr).toBe('');
}, 60_000);
