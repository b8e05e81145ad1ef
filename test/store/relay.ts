import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { DatabaseTarget } from '../../src/store/index.ts';

/** A TCP address of a database, whose way there can be cut and mended like a network's. */
export interface Relay {
  readonly target: DatabaseTarget;
  /** Ends every connection and refuses new ones. */
  cut(): Promise<void>;
  mend(): Promise<void>;
}

function join(client: Socket, path: string): void {
  const server = connect(path);
  client.pipe(server).pipe(client);
  client.on('error', () => server.destroy()).on('close', () => server.destroy());
  server.on('error', () => client.destroy()).on('close', () => client.destroy());
}

/** Opens a way to a database that listens on a Unix socket. */
export async function openRelay(target: DatabaseTarget): Promise<Relay> {
  const sockets = new Set<Socket>();
  let port = 0;
  let server: Server;
  async function mend(): Promise<void> {
    server = createServer((socket) => {
      sockets.add(socket.once('close', () => sockets.delete(socket)));
      join(socket, `${target.host}/.s.PGSQL.${target.port}`);
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  }
  await mend();
  return {
    target: { ...target, host: '127.0.0.1', port },
    mend,
    async cut() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
