import { readFile } from 'node:fs/promises';
import { StartupError } from '../base/index.ts';
import type { Config } from '../config/index.ts';

/** Reads the further certificate authorities, once, at the start. @throws StartupError naming OUTBOUND_CA_FILE. */
export async function loadAuthorities({ caFile }: Config['outbound']): Promise<{ readonly ca?: string }> {
  if (caFile === undefined) return {};
  try {
    return { ca: await readFile(caFile, 'utf8') };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StartupError([`OUTBOUND_CA_FILE: ${caFile} cannot be read (${code})`], { cause: error });
  }
}
