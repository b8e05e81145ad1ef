import { randomUUID } from 'node:crypto';
import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type {
  OAuthClientInformationMixed,
  OAuthClientMetadata,
  OAuthTokens,
} from '@modelcontextprotocol/sdk/shared/auth.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { House } from '../support/house.ts';
import { type Answers, openPerson } from '../support/person.ts';

/** Where the application of these tests is redirected to. */
export const callback = 'http://127.0.0.1:43110/callback';

/** What an application has in store about itself and its user. */
export interface Shelf {
  client?: OAuthClientInformationMixed | undefined;
  tokens?: OAuthTokens | undefined;
  verifier?: string | undefined;
}

/** An application of the official SDK, with a person at its browser. */
export interface Agent {
  readonly shelf: Shelf;
  /** Authorization requests that the browser was sent to, oldest first. */
  readonly requests: URL[];
  /** Connects, lets the person sign in and allow what is asked, and connects again. */
  connect(url: URL): Promise<void>;
  /** Calls a tool; a person answers what the server asks for on the way. @returns its text. */
  call(tool: string, parameters?: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
}

export interface AgentOptions {
  readonly metadata?: Partial<OAuthClientMetadata>;
  /** URL of a metadata document, in place of registering. */
  readonly documentUrl?: string;
  /** What the person answers. */
  readonly answers?: Partial<Answers>;
}

function providerOf(
  shelf: Shelf,
  { metadata, documentUrl }: AgentOptions,
  go: (url: URL) => void,
): OAuthClientProvider {
  return {
    redirectUrl: callback,
    clientMetadata: {
      client_name: 'Application of a test',
      redirect_uris: [callback],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      ...metadata,
    },
    ...(documentUrl === undefined ? {} : { clientMetadataUrl: documentUrl }),
    state: () => randomUUID(),
    clientInformation: () => shelf.client,
    saveClientInformation: (client) => {
      shelf.client = client;
    },
    tokens: () => shelf.tokens,
    saveTokens: (tokens) => {
      shelf.tokens = tokens;
    },
    redirectToAuthorization: go,
    saveCodeVerifier: (verifier) => {
      shelf.verifier = verifier;
    },
    codeVerifier: () => shelf.verifier ?? '',
    invalidateCredentials: (scope) => {
      if (scope === 'all' || scope === 'client') shelf.client = undefined;
      if (scope === 'all' || scope === 'tokens') shelf.tokens = undefined;
    },
  };
}

/** Opens an application. @param shelf what it has in store from before. */
export function openAgent(house: House, options: AgentOptions = {}, shelf: Shelf = {}): Agent {
  const person = openPerson(house);
  const requests: URL[] = [];
  const provider = providerOf(shelf, options, (url) => void requests.push(url));
  let [client, server] = [undefined as Client | undefined, new URL(house.issuer)];
  let transport: StreamableHTTPClientTransport | undefined;

  /** Sends the person to where the application wants them, and takes the code that comes back. */
  async function answerLast(): Promise<void> {
    const request = requests.at(-1);
    if (request === undefined) throw new Error('nobody was sent anywhere');
    const { url } = await person.answer(await person.open(request.href), options.answers);
    const code = url.searchParams.get('code');
    if (code === null || url.searchParams.get('state') !== request.searchParams.get('state')) {
      throw new Error(`no code but ${url}`);
    }
    await transport?.finishAuth(code);
  }

  /** Does something, and once more after the person has answered what came in between. */
  async function answering<Value>(work: () => Promise<Value>): Promise<Value> {
    const before = requests.length;
    try {
      return await work();
    } catch (error) {
      if (requests.length === before) throw error;
      await answerLast();
      return work();
    }
  }

  async function open(): Promise<void> {
    await client?.close();
    client = new Client({ name: 'test', version: '1.0.0' });
    transport = new StreamableHTTPClientTransport(server, { authProvider: provider });
    await client.connect(transport as unknown as Transport);
  }

  return {
    shelf,
    requests,
    async connect(url) {
      server = url;
      await answering(open);
    },
    async call(tool, parameters = {}) {
      const result = await answering(async () => client?.callTool({ name: tool, arguments: parameters }));
      const [first] = (result?.content ?? []) as ReadonlyArray<{ readonly text?: string }>;
      return first?.text ?? '';
    },
    async close() {
      await client?.close();
    },
  };
}
