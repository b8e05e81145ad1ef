import type { TenantDirectory } from '../../accounts/index.ts';
import type { Clock } from '../../base/index.ts';
import type { Client } from '../../clients/index.ts';
import type { Resource } from '../../resources/index.ts';
import type { Revocations } from '../../revocations/index.ts';
import type { LookupCache } from '../../store/index.ts';
import type { JwtVerifier } from './jwt.ts';
import type { OpaqueFinder } from './opaque.ts';
import type { ReachCheck } from './reach.ts';
import type { FindIssued, IssuedToken, LiveToken } from './types.ts';

/** Who asks about a token: a client that has authenticated, or an API key on behalf of its organization. */
export type Caller =
  | { readonly kind: 'client'; readonly clientId: string }
  | {
      readonly kind: 'api_key';
      readonly sid: string;
      readonly reaches: (organizationSid: string) => boolean | Promise<boolean>;
    };

/** RFC 7662 section 2.2. */
export type Introspection =
  | { readonly active: false }
  | ({ readonly active: true } & Readonly<Record<string, unknown>>);

export interface InspectorParts {
  readonly clock: Clock;
  readonly resources: LookupCache<Resource>;
  readonly revocations: Revocations;
  readonly verifyJwt: JwtVerifier;
  readonly findOpaque: OpaqueFinder;
  readonly findIssued: FindIssued;
  readonly clients: LookupCache<Client>;
  readonly tenants: Pick<TenantDirectory, 'isWithin'>;
  readonly isWithinReach: ReachCheck;
}

export interface Inspector {
  /** A token of ours that counts at this moment. */
  find(token: string): Promise<LiveToken | undefined>;
  /** What a caller may know of a token. Unknown, malformed, expired, revoked and foreign ones look the same. */
  introspect(token: string, caller: Caller): Promise<Introspection>;
}

const inactive = { active: false } as const;

/**
 * Every token this server issues, JWTs included, behind one question. The issuer's own, which are no OAuth tokens, are
 * told about and never found: they are nobody's Bearer, and nobody revokes them here.
 */
export function createInspector(parts: InspectorParts): Inspector {
  const { clock, resources, revocations, verifyJwt, findOpaque, findIssued, clients, tenants, isWithinReach } = parts;

  async function find(token: string): Promise<LiveToken | undefined> {
    const now = clock() / 1000;
    const live = token.includes('.') ? verifyJwt(token, now) : await findOpaque(token, now);
    if (live === undefined || (await revocations.isRevoked(live.revocable))) return undefined;
    return (await isWithinReach(live)) ? live : undefined;
  }

  /**
   * RFC 7662 section 2.1 and 4: a resource server may ask about tokens meant for it, not about others'. Those that were
   * issued before there was this resource were meant for another one of its name, which is gone.
   */
  async function mayKnow(caller: Caller, token: LiveToken): Promise<boolean> {
    if (caller.kind === 'api_key') {
      return token.organizationSid !== undefined && (await caller.reaches(token.organizationSid));
    }
    if (caller.clientId === token.clientId) return true;
    const resource = token.audience === undefined ? undefined : await resources.get(token.audience);
    if (resource === undefined || resource.createdAt > token.revocable.iat) return false;
    return resource.introspectors.has(caller.clientId);
  }

  /** What an organization's own resource servers may know: by an API key, or as a client with that scope. */
  async function mayKnowIssued(caller: Caller, { organizationSid }: IssuedToken): Promise<boolean> {
    if (caller.kind === 'api_key') return caller.reaches(organizationSid);
    const client = await clients.get(caller.clientId);
    if (client?.organizationSid === undefined || !client.allowedScopes.has('tokens:introspect')) return false;
    return tenants.isWithin(organizationSid, client.organizationSid);
  }

  return {
    find,
    async introspect(token, caller) {
      const live = await find(token);
      if (live !== undefined) return (await mayKnow(caller, live)) ? { active: true, ...live.claims } : inactive;
      const issued = token.includes('.') ? await findIssued(token) : undefined;
      if (issued === undefined || !(await mayKnowIssued(caller, issued))) return inactive;
      return { active: true, ...issued.claims };
    },
  };
}
