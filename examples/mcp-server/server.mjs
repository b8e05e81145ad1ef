// A small MCP server that is protected by Countersign. README.md says how to run it.
import { createServer } from 'node:http';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { createAccess } from './access.mjs';
import { createNotesServer, scopes, scopesFor } from './notes.mjs';

const issuer = process.env.COUNTERSIGN_URL ?? 'http://localhost:3000';
const port = Number(process.env.PORT ?? 8090);
const resource = process.env.MCP_RESOURCE ?? `http://localhost:${port}/mcp`;
const access = createAccess({ issuer, resource, scopes });
const maxBodyBytes = 100_000;

/** Pages of any origin may call: what lets them in is a token, which no browser sends by itself. */
const cors = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'Authorization, Content-Type, Accept, MCP-Protocol-Version, Mcp-Session-Id',
  'access-control-allow-methods': 'GET, POST',
  'access-control-expose-headers': 'WWW-Authenticate, Mcp-Session-Id',
};

function sendJson(res, status, body, headers = {}) {
  res.writeHead(status, { 'content-type': 'application/json', ...cors, ...headers }).end(JSON.stringify(body));
}

/** The message in the body, or none when there is none that can be read. */
async function readMessage(req) {
  const chunks = [];
  let size = 0;
  for await (const chunk of req) {
    size += chunk.length;
    if (size > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    return undefined;
  }
}

async function answerMessage(req, res) {
  const message = await readMessage(req);
  if (message === undefined || Array.isArray(message)) return sendJson(res, 400, { error: 'invalid_request' });
  const caller = await access.check(req.headers.authorization, scopesFor(message));
  if ('header' in caller) {
    return sendJson(res, caller.status, { error: caller.error }, { 'www-authenticate': caller.header });
  }
  // Each request stands for itself: no session that somebody could take over.
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
  const server = createNotesServer(caller.user);
  res.on('close', () => server.close());
  for (const [name, value] of Object.entries(cors)) res.setHeader(name, value);
  await server.connect(transport);
  return transport.handleRequest(req, res, message);
}

async function answer(req, res) {
  const { pathname } = new URL(req.url, 'http://localhost');
  if (req.method === 'OPTIONS') return res.writeHead(204, cors).end();
  if (req.method === 'GET' && pathname === access.metadataPath) return sendJson(res, 200, access.metadata);
  if (pathname !== '/mcp') return sendJson(res, 404, { error: 'not_found' });
  if (req.method !== 'POST') return sendJson(res, 405, { error: 'method_not_allowed' }, { allow: 'POST' });
  return answerMessage(req, res);
}

const server = createServer((req, res) => {
  answer(req, res).catch((error) => {
    process.stderr.write(`${error.stack}\n`);
    if (res.headersSent) res.destroy();
    else sendJson(res, 500, { error: 'server_error' });
  });
});

server.listen(port, '127.0.0.1', () => {
  process.stdout.write(`Notes at http://localhost:${server.address().port}/mcp, protected by ${issuer}\n`);
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.close(() => process.exit(0)));
