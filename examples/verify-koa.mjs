// An API with koa for the AccessTokens of phones and browsers beside OAuth tokens. Start the server with `npm start`, then:
//
//   npm install koa jose @countersign/sdk
//   node examples/verify-koa.mjs <path of demo.json>
//
// It makes a token as a backend would, calls itself, and ends.
import { readFile } from 'node:fs/promises';
import { AccessToken } from '@countersign/sdk/jwt';
import { createVerifier, koaVerifier, VerificationError, verifyAccessToken } from '@countersign/sdk/verify';
import Koa from 'koa';

const [demoFile] = process.argv.slice(2);
if (demoFile === undefined) {
  console.error('node examples/verify-koa.mjs <path of demo.json>');
  process.exit(2);
}
const demo = JSON.parse(await readFile(demoFile, 'utf8'));

/** Whose keys may sign: a table of yours. A key that is not there, or no longer, makes its tokens worthless. */
const apiKeys = new Map([[demo.api_key_sid, { secret: demo.api_key_secret, accountSid: demo.account_sid }]]);

async function joinRoom(ctx) {
  try {
    const token = ctx.get('authorization').replace(/^Bearer /, '');
    const { identity, grants } = await verifyAccessToken(token, { findKey: (sid) => apiKeys.get(sid) });
    ctx.body = { identity, room: grants.video?.room };
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    ctx.status = error.status;
    ctx.set(error.headers);
    ctx.body = error.body;
  }
}

const app = new Koa();
app.use((ctx, next) => (ctx.path === '/rooms' ? joinRoom(ctx) : next()));
// Everything else is for tokens of OAuth.
app.use(koaVerifier(createVerifier({ issuer: demo.issuer, audience: demo.issuer })));

const server = app.listen(0);
await new Promise((resolve) => server.once('listening', resolve));
const api = `http://localhost:${server.address().port}`;

async function call(path, headers = {}) {
  const response = await fetch(`${api}${path}`, { headers });
  console.log(`${path}: ${response.status} ${JSON.stringify(await response.json())}`);
}

const token = new AccessToken(demo.account_sid, demo.api_key_sid, demo.api_key_secret, { identity: 'alice' });
token.addGrant(new AccessToken.VideoGrant({ room: 'stand-up' }));
await call('/rooms', { authorization: `Bearer ${token.toJwt()}` });
await call('/rooms', { authorization: 'Bearer nonsense' });
await call('/calls');
server.close();
