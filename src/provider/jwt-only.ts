import type { Provider as LibraryProvider } from 'oidc-provider';
import { Problem } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import type { Resource } from '../resources/index.ts';
import type { LookupCache } from '../store/index.ts';
import { libraryError, translated } from './failures.ts';
import { Provider } from './library.ts';
import { addressOf, tokenPath } from './token-addresses.ts';

export interface JwtOnlyParts {
  readonly config: Pick<Config, 'tokens'>;
  readonly resources: LookupCache<Resource>;
}

/** A token, code or refresh token of the library's, as far as it matters here. */
interface Artifact {
  readonly resource?: string | readonly string[] | undefined;
  readonly resourceServer?: { readonly accessTokenFormat?: string } | undefined;
}

const refuseOpaque = (): Problem =>
  new Problem(
    'invalid_target',
    `Tokens for this resource are opaque, and this address issues JWTs only: ask for them at ${tokenPath}.`,
  );

/**
 * Twilio's clients read when a token ends in the token itself, so at their addresses there are none that cannot be read.
 * That is decided before a code or refresh token is spent, so it can still be taken to the other address; the library
 * decides on the resource afterwards.
 */
export function issueJwtsOnly(provider: LibraryProvider, { config, resources }: JwtOnlyParts): void {
  async function refuseOpaqueTarget({ resource: granted }: Artifact): Promise<void> {
    const ctx = Provider.ctx;
    if (ctx === undefined || addressOf(ctx.req) === undefined) return;
    const wanted = (ctx.oidc.params?.['resource'] as Artifact['resource']) ?? granted;
    const identifier = typeof wanted === 'string' || wanted === undefined ? wanted : config.tokens.defaultResource;
    // For no resource it is a token for the userinfo endpoint, which is opaque too.
    const format = identifier === undefined ? 'opaque' : (await resources.get(identifier))?.tokenFormat;
    if (format === 'opaque') throw refuseOpaque();
  }

  for (const { prototype } of [provider.AuthorizationCode, provider.RefreshToken]) {
    const { consume } = prototype;
    Object.assign(prototype, {
      async consume(this: Artifact): Promise<unknown> {
        await translated(() => refuseOpaqueTarget(this));
        return (consume as () => Promise<unknown>).call(this);
      },
    });
  }
  for (const { prototype } of [provider.AccessToken, provider.ClientCredentials]) {
    const { save } = prototype;
    Object.assign(prototype, {
      async save(this: Artifact): Promise<unknown> {
        const ctx = Provider.ctx;
        const isReadable = this.resourceServer?.accessTokenFormat === 'jwt';
        if (!isReadable && ctx !== undefined && addressOf(ctx.req) !== undefined) throw libraryError(refuseOpaque());
        return (save as () => Promise<unknown>).call(this);
      },
    });
  }
}
