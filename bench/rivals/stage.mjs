import { readFile } from 'node:fs/promises';

/**
 * @typedef {object} StageFile what every server but this repository's own is told, in one file.
 * @property {ReadonlyArray<import('../load/requests.mjs').BenchClient>} clients
 * @property {import('node:crypto').JsonWebKey & { kid: string, alg: string, use: string }} signingKey private, ES256.
 * @property {{ host: string, port: number, user: string, password: string }} postgres
 * @property {number} poolSize connections, as many as this repository's server takes.
 * @property {number} accessTokenTtl seconds.
 */

/** What the harness names in the arguments: the stage file, the port, the database and whatever else a server takes. */
export async function readStage() {
  const [path = '', port, database = '', ...more] = process.argv.slice(2);
  const stage = /** @type {StageFile} */ (JSON.parse(await readFile(path, 'utf8')));
  // A regular end: one by the signal itself would leave no profile.
  process.on('SIGTERM', () => process.exit());
  process.on('disconnect', () => process.exit());
  return {
    ...stage,
    port: Number(port),
    issuer: `http://localhost:${port}`,
    database: { ...stage.postgres, database, max: stage.poolSize },
    more,
  };
}
