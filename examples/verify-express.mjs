// An API with express that takes access tokens of the server. Start the server with `npm start`, then:
//
//   npm install express jose @countersign/sdk
//   node examples/verify-express.mjs <path of demo.json>
//
// It gets a token as a client would, calls itself, and ends. With a second argument, a port, it stays and listens.
import { readFile } from 'node:fs/promises';
import { ApiTokenManager } from '@countersign/sdk';
import { createVerifier, expressProtectedResource, expressVerifier, protectedResource } from '@countersign/sdk/verify';
import express from 'express';

const [demoFile, port] = process.argv.slice(2);
if (demoFile === undefined) {
  console.error('node examples/verify-express.mjs <path of demo.json> [port]');
  process.exit(2);
}
const demo = JSON.parse(await readFile(demoFile, 'utf8'));

// The demo's tokens are for the management API; an API of your own is a resource of its own.
const resource = protectedResource({ resource: demo.issuer, authorizationServers: demo.issuer });
const verifier = createVerifier({ issuer: demo.issuer, audience: demo.issuer, resourceMetadata: resource.url });

const app = express();
app.use(expressProtectedResource(resource));
app.get('/clients', expressVerifier(verifier, { requireScopes: 'clients:read' }), (req, res) => {
  res.json({ hello: req.auth.clientId });
});
// Which organization may call is often said by the address.
app.get(
  '/organizations/:sid/calls',
  expressVerifier(verifier, (req) => ({ organization: req.params.sid })),
  (req, res) => {
    res.json({ calls: [], organization: req.auth.organization });
  },
);

const server = app.listen(Number(port ?? 0));
await new Promise((resolve) => server.once('listening', resolve));
const api = `http://localhost:${server.address().port}`;

async function call(path, headers = {}) {
  const response = await fetch(`${api}${path}`, { headers });
  const { error } = await response.json();
  console.log(`${path.replace(/OR[0-9a-f]{32}/, 'OR...')}: ${response.status} ${error ?? 'ok'}`);
}

const tokens = new ApiTokenManager({
  tokenUrl: `${demo.issuer}/oauth/token`,
  clientId: demo.client_id,
  clientSecret: demo.client_secret,
});
const headers = { authorization: `Bearer ${await tokens.getToken()}` };
await call('/clients');
await call('/clients', headers);
await call(`/organizations/${demo.organization_sid}/calls`, headers);
await call(`/organizations/OR${'0'.repeat(32)}/calls`, headers);
if (port === undefined) server.close();
