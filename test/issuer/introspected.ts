import twilio from 'twilio';
import { openRegistry, type Registry } from '../support/registry.ts';
import { asApiKey, type Credentials } from '../tokens/questions.ts';
import { type IssuerScene, mintedIn, openIssuerScene } from './scene.ts';

/** A scene of the issuer with a token of each kind, and somebody who may ask about them. */
export interface IntrospectedScene extends IssuerScene {
  readonly registry: Registry;
  readonly reader: Credentials;
  readonly accessToken: string;
  readonly capability: string;
  /** Makes a client of an organization. */
  clientOf(organizationSid: string | undefined, allowedScopes: readonly string[]): ReturnType<Registry['makeClient']>;
}

/** Header and payload of a token. */
export const partsOf = (token: string) =>
  token
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));

/** Opens a house where tokens are asked about, as often as one likes. */
export async function openIntrospectedScene(): Promise<IntrospectedScene> {
  const scene = await openIssuerScene({ RATE_LIMIT_INACTIVE_INTROSPECTIONS: '0' });
  const registry = await openRegistry(scene.house);
  const { acme, authToken } = scene;
  const grants = { video: { room: 'r' } };
  return {
    ...scene,
    registry,
    reader: asApiKey((await scene.makeKey({ scopes: ['tokens:introspect'] })).key),
    accessToken: mintedIn(await scene.minter.post('/v1/access_tokens', { identity: 'alice', grants })),
    capability: new twilio.jwt.ClientCapability({ accountSid: acme.account, authToken }).toJwt(),
    clientOf: (organizationSid, allowedScopes) =>
      registry.makeClient({ organizationSid, userSid: acme.people.owner.user, allowedScopes: [...allowedScopes] }),
    async close() {
      await registry.close();
      await scene.close();
    },
  };
}
