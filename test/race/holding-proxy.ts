import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseUrl, type TestDatabase } from '../support/database.ts';

/** A way to PostgreSQL on which answers can be held back: what they tell has been committed, and nobody hears of it. */
export interface HoldingProxy {
  /** The database by this way. */
  readonly url: string;
  /**
   * Holds back every answer that contains one of these, and what would follow it on its connection.
   * @param held called for each, when it has arrived.
   */
  hold(answers: readonly Buffer[], held: () => void): void;
  /** Lets everything through again on connections made from now on. */
  release(): void;
  close(): Promise<void>;
}

/** What PostgreSQL says when a statement has written a row: whichever the first one is that a refresh writes. */
export const wroteOne = [Buffer.from('INSERT 0 1\0'), Buffer.from('UPDATE 1\0')];
/** A row of one column that says `t`: the answer to the statement that spends a code. */
export const saidTrue = [Buffer.from([0x44, 0, 0, 0, 11, 0, 1, 0, 0, 0, 1, 0x74])];

const listening = (server: Server) => new Promise<void>((resolve) => server.once('listening', resolve));

/** Opens the way, on a Unix socket as the test's PostgreSQL has one. */
export async function openHoldingProxy({ target }: TestDatabase): Promise<HoldingProxy> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-proxy-'));
  const sockets = new Set<Socket>();
  let watch: { readonly answers: readonly Buffer[]; readonly held: () => void } | undefined;

  function track(socket: Socket, peer: Socket): void {
    sockets.add(socket);
    // One side ends with the other, however it ended: a killed process resets its connections.
    socket.on('error', () => peer.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      peer.destroy();
    });
  }

  const server = createServer((client) => {
    const database = connect(`${target.host}/.s.PGSQL.${target.port}`);
    track(client, database);
    track(database, client);
    let holding = false;
    client.pipe(database);
    database.on('data', (chunk: Buffer) => {
      if (!holding && watch?.answers.some((answer) => chunk.includes(answer)) === true) {
        holding = true;
        watch?.held();
      }
      if (!holding) client.write(chunk);
    });
  });
  server.listen(join(directory, `.s.PGSQL.${target.port}`));
  await listening(server);

  return {
    url: databaseUrl({ ...target, host: directory }),
    hold(answers, held) {
      watch = { answers, held };
    },
    release() {
      watch = undefined;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true, force: true });
    },
  };
}
