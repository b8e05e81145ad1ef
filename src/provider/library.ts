import type * as Library from 'oidc-provider';

/**
 * Imports the protocol library without its notice on the console: it calls Node 20 unsupported, which ADR 004 answers.
 * Whatever it says at import is handed on for the log.
 */
async function importQuietly(): Promise<{ readonly library: typeof Library; readonly notices: readonly string[] }> {
  const notices: string[] = [];
  const { warn, info } = globalThis.console;
  const keep = (notice: unknown) => void notices.push(String(notice));
  Object.assign(globalThis.console, { warn: keep, info: keep });
  try {
    return { library: await import('oidc-provider'), notices };
  } finally {
    Object.assign(globalThis.console, { warn, info });
  }
}

const { library, notices } = await importQuietly();

/** What the library said when it was imported. */
export const importNotices = notices;
export const { Provider, errors, interactionPolicy } = library;
