import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

const root = fileURLToPath(new URL('../../', import.meta.url));
const installed = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** It talks to nobody but the pages under test. As root, in a container, its sandbox cannot be built. */
const flags = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-gpu',
  '--disable-sync',
  '--font-render-hinting=none',
  '--no-pings',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

/** The same letters on every machine: those that the package brings, then those of the system. */
const fonts = (directory: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${directory}/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${directory}/font-cache</cachedir>
  <alias binding="same"><family>system-ui</family><prefer><family>Open Sans</family></prefer></alias>
</fontconfig>
`;

async function unpack(directory: string): Promise<string> {
  const script = join(root, 'test/support/unpack-chromium.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [script], {
    cwd: root,
    env: { ...process.env, TMPDIR: directory, NODE_OPTIONS: '' },
  });
  return stdout;
}

/**
 * Starts a real Chromium, headless: the machine's, or else the one of the development dependency, unpacked for as long
 * as it runs (two seconds, 200 MB). `close()` ends it and leaves nothing behind.
 */
export async function openBrowser(): Promise<Browser> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-browser-'));
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    const executablePath = installed.find((path) => existsSync(path)) ?? (await unpack(directory));
    await writeFile(join(directory, 'fonts.conf'), fonts(directory));
    const env = { ...process.env, HOME: directory, FONTCONFIG_FILE: join(directory, 'fonts.conf') };
    const browser = await chromium.launch({ executablePath, args: flags, env: env as Record<string, string> });
    const close = browser.close.bind(browser);
    return Object.assign(browser, {
      async close() {
        await close();
        await remove();
      },
    });
  } catch (error) {
    await remove();
    throw error;
  }
}

/** A directory for what a person may want to look at afterwards, such as screenshots. Not committed. */
export async function artifactsDirectory(...names: readonly string[]): Promise<string> {
  const directory = join(root, 'test-artifacts', ...names);
  await mkdir(directory, { recursive: true });
  return directory;
}
