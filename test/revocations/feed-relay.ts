import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { databaseUrl, type TestDatabase } from '../support/database.ts';

/** A way to a database on which the change feed alone can be silenced, as a network does that loses packets. */
export interface FeedRelay {
  /** Of the database, by this way. */
  readonly url: string;
  /** From now on nothing comes through on feed connections, present or new; they stay open. */
  silence(): void;
  /** Lets go what was held back. */
  resume(): void;
  close(): Promise<void>;
}

/** Connections say what they are for in their first packet (application_name). */
const isFeed = (greeting: Buffer) => greeting.includes('countersign feed');

/** Opens the way to a test's database. */
export async function openFeedRelay({ target }: TestDatabase): Promise<FeedRelay> {
  const sockets = new Set<Socket>();
  const feeds = new Set<Socket>();
  let silent = false;

  function join(client: Socket): void {
    const database = connect(`${target.host}/.s.PGSQL.${target.port}`);
    client.once('data', (greeting) => {
      if (isFeed(greeting as Buffer)) feeds.add(database);
      if (silent && feeds.has(database)) database.pause();
    });
    client.pipe(database);
    database.on('data', (bytes) => client.write(bytes));
    for (const [one, other] of [
      [client, database],
      [database, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => one.destroy());
      one.on('close', () => {
        sockets.delete(one);
        feeds.delete(one);
        other.destroy();
      });
    }
  }

  const server = createServer(join).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: databaseUrl({ ...target, host: '127.0.0.1', port }),
    silence() {
      silent = true;
      for (const feed of feeds) feed.pause();
    },
    resume() {
      silent = false;
      for (const feed of feeds) feed.resume();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
