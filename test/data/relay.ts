import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { DatabaseTarget } from '../../src/store/index.ts';
import { databaseUrl } from '../support/database.ts';

/** A network between a server and its database, which can fall silent as a real one does: nothing is refused. */
export interface Relay {
  /** A URL of the database, through this network. */
  readonly url: string;
  /** Ends every connection, and each new one as soon as it is made, as a proxy does that has nobody to pass it to. */
  refuse(): void;
  /** From now on nothing passes. Connections stay open, and new ones are accepted. */
  silence(): void;
  /** Everything passes again, on the same connections too. */
  resume(): void;
  /** New connections pass again. Those that fell silent stay so, as after a failover to another machine. */
  replace(): void;
  close(): Promise<void>;
}

/** Opens a relay to a PostgreSQL at a Unix socket. */
export async function openRelay(target: DatabaseTarget): Promise<Relay> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let silent = false;
  let refusing = false;
  const server = createServer((near) => {
    if (refusing) {
      near.destroy();
      return;
    }
    const far = connect(`${target.host}/.s.PGSQL.${target.port}`);
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on('data', (chunk) => to.write(chunk));
      from.on('close', () => to.destroy());
      from.on('error', () => to.destroy());
      if (silent) from.pause();
    }
    near.on('close', () => pairs.delete(pair));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    url: databaseUrl({ ...target, host: '127.0.0.1', port }),
    refuse() {
      refusing = true;
      for (const socket of [...pairs].flat()) socket.destroy();
    },
    silence() {
      silent = true;
      for (const socket of [...pairs].flat()) socket.pause();
    },
    resume() {
      silent = false;
      refusing = false;
      for (const socket of [...pairs].flat()) socket.resume();
    },
    replace() {
      silent = false;
    },
    async close() {
      for (const socket of [...pairs].flat()) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
