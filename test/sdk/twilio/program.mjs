// A program that uses the real twilio package and this SDK together, each part in its own process so that the package's
// proxy settings hold. It plays the scene that its first argument names, and prints what came of it as JSON.

import twilio from 'twilio';
import TheirApiTokenManager from 'twilio/lib/http/bearer_token/ApiTokenManager.js';
import TheirOrgsTokenManager from 'twilio/lib/http/bearer_token/OrgsTokenManager.js';
import {
  ApiTokenManager,
  ClientCredentialProviderBuilder,
  countersign,
  OrgsCredentialProviderBuilder,
  TokenAuthStrategy,
} from '../../../src/sdk/dist/index.js';

const { API_URL: apiUrl, TOKEN_URL: tokenUrl, CLIENT_ID: clientId, CLIENT_SECRET: clientSecret } = process.env;
const times = Array.from({ length: 20 });

/** Twenty calls at once, then five in a row, with the twilio client. */
async function callWith(provider) {
  const client = new twilio.Twilio();
  client.setCredentialProvider(provider);
  const call = async () => (await client.request({ method: 'get', uri: `${apiUrl}/things` })).statusCode;
  const statuses = await Promise.all(times.map(call));
  for (let index = 0; index < 5; index += 1) statuses.push(await call());
  return [...new Set(statuses)];
}

/** The same with the request client of this SDK. */
async function requestWith(credentials) {
  const api = countersign({ baseUrl: apiUrl, credentials });
  const call = async () => (await api.get('/things')).data;
  const answers = await Promise.all(times.map(call));
  for (let index = 0; index < 5; index += 1) answers.push(await call());
  return [...new Set(answers)];
}

const ourBuilder = (Builder) => new Builder().setClientId(clientId).setClientSecret(clientSecret).setTokenUrl(tokenUrl);
const ours = (Builder) => ourBuilder(Builder).build();
const theirs = (Builder) => new Builder().setClientId(clientId).setClientSecret(clientSecret);
const theirParameters = { grantType: 'client_credentials', clientId, clientSecret };
const ourManager = () => new ApiTokenManager({ tokenUrl, clientId, clientSecret });

/** What their client says of a failure of ours. */
async function complaintOf(provider) {
  try {
    return await callWith(provider);
  } catch (error) {
    return error.message;
  }
}

const scenes = {
  'a wrong secret in our provider in their client': () =>
    complaintOf(ourBuilder(ClientCredentialProviderBuilder).setClientSecret('wrong').build()),
  'our provider in their client': () => callWith(ours(ClientCredentialProviderBuilder)),
  'our organization provider in their client': () => callWith(ours(OrgsCredentialProviderBuilder)),
  'our manager in their provider': () =>
    callWith(theirs(twilio.ClientCredentialProviderBuilder).setTokenManager(ourManager()).build()),
  'their own provider in their client': () => callWith(theirs(twilio.ClientCredentialProviderBuilder).build()),
  'their manager in our provider in their client': () =>
    callWith(
      new ClientCredentialProviderBuilder().setTokenManager(new TheirApiTokenManager.default(theirParameters)).build(),
    ),
  'their provider in our client': () => requestWith(theirs(twilio.ClientCredentialProviderBuilder).build()),
  'their organization provider in our client': () => requestWith(theirs(twilio.OrgsCredentialProviderBuilder).build()),
  'their provider without credentials in our client': () => requestWith(new twilio.NoAuthCredentialProvider()),
  'their manager in our strategy in our client': () => {
    const strategy = new TokenAuthStrategy(new TheirOrgsTokenManager.default(theirParameters));
    return requestWith({ toAuthStrategy: () => strategy });
  },
};

const play = scenes[process.argv[2] ?? ''];
if (play === undefined) throw new Error(`no such scene: ${process.argv[2]}`);
process.stdout.write(JSON.stringify(await play()));
