// A token for a machine, and what to do with it. Start the server with `npm start`, then:
//
//   node examples/sdk-client-credentials.mjs [path of demo.json]
//
// Without a path it takes COUNTERSIGN_URL, COUNTERSIGN_CLIENT_ID and COUNTERSIGN_CLIENT_SECRET from the environment.
import { readFile } from 'node:fs/promises';
import { ApiTokenManager, EnvironmentCredentialProvider, TokenAuthStrategy, TokenError } from '@countersign/sdk';

/** The strategy that puts the token on requests. */
async function strategyFrom(path) {
  if (path === undefined) return new EnvironmentCredentialProvider().toAuthStrategy();
  const demo = JSON.parse(await readFile(path, 'utf8'));
  const tokens = new ApiTokenManager({
    tokenUrl: `${demo.issuer}/oauth/token`,
    clientId: demo.client_id,
    clientSecret: demo.client_secret,
  });
  return new TokenAuthStrategy(tokens);
}

try {
  const strategy = await strategyFrom(process.argv[2]);

  // Any number of callers, one request to the server.
  const headers = await Promise.all(Array.from({ length: 100 }, () => strategy.getAuthString()));
  console.log(`100 callers have ${new Set(headers).size} token between them`);

  // The strategy works on whatever is sent: a Request, the options of fetch, an object of your own.
  const request = await strategy.apply({ method: 'GET', headers: { accept: 'application/json' } });
  console.log(`a request carries: ${Object.keys(request.headers).join(', ')}`);
} catch (error) {
  if (!(error instanceof TokenError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
