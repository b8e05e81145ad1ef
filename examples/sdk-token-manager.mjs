// A token manager of one's own: here one that keeps the token in a file, so that a command which runs every minute does
// not ask for a token every minute. Start the server with `npm start`, then:
//
//   node examples/sdk-token-manager.mjs <path of demo.json> <file to keep the token in>
import { readFile, writeFile } from 'node:fs/promises';
import { ApiTokenManager, ClientCredentialProviderBuilder } from '@countersign/sdk';

/** A token that is younger than this is used again, in milliseconds. Shorter than any token lives. */
const fresh = 240_000;

/** What a token manager needs is `getToken`. With `refreshToken` it also copes with a token that was revoked. */
class FileTokenManager {
  #file;
  #source;

  constructor(file, source) {
    this.#file = file;
    this.#source = source;
  }

  async getToken() {
    const { token, at } = await this.#read();
    return Date.now() - at < fresh ? token : this.refreshToken();
  }

  async refreshToken() {
    const token = await this.#source.refreshToken();
    await writeFile(this.#file, JSON.stringify({ token, at: Date.now() }), { mode: 0o600 });
    return token;
  }

  async #read() {
    try {
      return JSON.parse(await readFile(this.#file, 'utf8'));
    } catch (error) {
      if (error.code === 'ENOENT') return { token: '', at: 0 };
      throw error;
    }
  }
}

const [demoFile, tokenFile] = process.argv.slice(2);
if (demoFile === undefined || tokenFile === undefined) {
  console.error('node examples/sdk-token-manager.mjs <path of demo.json> <file to keep the token in>');
  process.exit(2);
}
const demo = JSON.parse(await readFile(demoFile, 'utf8'));
const source = new ApiTokenManager({
  tokenUrl: `${demo.issuer}/oauth/token`,
  clientId: demo.client_id,
  clientSecret: demo.client_secret,
});

const manager = new FileTokenManager(tokenFile, source);
const provider = new ClientCredentialProviderBuilder().setTokenManager(manager).build();
const before = await readFile(tokenFile, 'utf8').catch(() => undefined);
await provider.toAuthStrategy().getAuthString();
console.log(before === (await readFile(tokenFile, 'utf8')) ? 'used the token in the file' : 'asked for a new token');
