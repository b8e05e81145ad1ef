import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/house.ts';
import { within } from '../support/within.ts';

const file = fileURLToPath(new URL('../../examples/mcp-server/server.mjs', import.meta.url));

/** The MCP server of the examples, in a process of its own. */
export interface NotesServer {
  /** Where MCP clients are pointed to. */
  readonly url: URL;
  readonly origin: string;
  close(): Promise<void>;
}

/** An address for a server that has not been started, so that it can be registered first. */
export async function newAddress(): Promise<{ readonly port: number; readonly origin: string }> {
  const port = await freePort();
  return { port, origin: `http://localhost:${port}` };
}

/** Starts the example. @param resource what it calls itself. */
export async function startNotes(issuer: string, port: number, resource: string): Promise<NotesServer> {
  const env = { PATH: process.env['PATH'], COUNTERSIGN_URL: issuer, PORT: String(port), MCP_RESOURCE: resource };
  const child = spawn(process.execPath, [file], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [said, complained, ended] = ['', '', false];
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  child.stderr.on('data', (chunk) => {
    complained += chunk;
  });
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => {
      ended = true;
      resolve();
    });
  });
  await within(30_000, async () => said.includes('protected by') || ended);
  if (ended) throw new Error(`the example did not start: ${complained}`);
  const origin = `http://localhost:${port}`;
  return {
    url: new URL('/mcp', origin),
    origin,
    async close() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}
