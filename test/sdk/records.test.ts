import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const generator = fileURLToPath(new URL('../../.config/sdk-records.mjs', import.meta.url));

it('the types of the records say what the OpenAPI document of the build says', async () => {
  const { stderr } = await promisify(execFile)(process.execPath, [generator, '--check']).catch((error) => error);
  expect(stderr).toBe('');
}, 60_000);
