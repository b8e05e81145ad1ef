import { decodeJwt } from 'jose';
import { hashSecret } from '../../src/base/index.ts';
import { type App, obtain, openTown, refreshTokenOf, resource, type Town } from '../flows/people/town.ts';
import { type Answer, askWithForm, basic } from '../support/tokens.ts';

/** A refresh token as it lies in the database. */
export interface TokenRow {
  readonly spent: boolean;
  readonly sealed: Buffer;
  readonly resource: string | null;
  readonly successor: Buffer | null;
  readonly family: Buffer;
  readonly user: string;
  /** Seconds since the epoch. */
  readonly exp: number | null;
  /** Seconds that it was stored for. */
  readonly ttl: number;
}

export interface Wish {
  readonly scope?: string;
  readonly resource?: string;
  readonly organization?: string;
}

/** A town in which plain clients refresh. */
export interface RefreshScene {
  readonly town: Town;
  /** Sends a refresh; as another node where that is named. */
  refresh(app: App, token: string, more?: Readonly<Record<string, string>>, address?: string): Promise<Answer>;
  /** Has a new user allow a client something, for an organization; for the demo's where none is named. @returns the first refresh token. */
  begin(app: App, wish?: Wish): Promise<string>;
  /** What introspection tells a token's client. */
  introspect(app: App, token: string): Promise<Answer['body']>;
  row(token: string): Promise<TokenRow>;
  /** How many tokens the family of a token has had. */
  countFamily(token: string): Promise<number>;
  close(): Promise<void>;
}

export const refreshTokenIn = ({ status, text, body }: Answer): string => {
  const token = body['refresh_token'];
  if (status !== 200 || typeof token !== 'string') throw new Error(`no refresh token: ${status} ${text}`);
  return token;
};

export const claimsOf = ({ body }: Answer) => decodeJwt(String(body['access_token']));

/** Whether the one statement did a rotation: the library would have sealed the payload anew. */
export const wasInOne = (spent: TokenRow, successor: TokenRow): boolean => spent.sealed.equals(successor.sealed);

/** Opens the scene. */
export async function openRefreshScene(variables: Readonly<Record<string, string>> = {}): Promise<RefreshScene> {
  const town = await openTown(variables);
  const { sql } = town.house.database;
  return {
    town,
    refresh: (app, token, more = {}, address = town.house.address) =>
      askWithForm(
        `${address}/oauth/token`,
        { grant_type: 'refresh_token', refresh_token: token, ...more },
        basic(app.clientId, app.clientSecret),
      ),
    async begin(app, { scope = 'read', resource: identifier = resource, organization } = {}) {
      const { residents } = town;
      const user = await (organization === undefined ? residents.makeUser() : residents.makeUser(organization));
      return refreshTokenOf(await obtain(app, town.browserOf(user), { scope, resource: identifier }));
    },
    async introspect(app, token) {
      const own = basic(app.clientId, app.clientSecret);
      return (await askWithForm(`${town.house.address}/oauth/introspect`, { token }, own)).body;
    },
    async row(token) {
      const [found] = await sql<TokenRow[]>`
        select spent_at is not null as spent, payload_sealed as sealed, resource, successor_hash as successor,
          family_hash as family, user_sid as user, exp::float8,
          extract(epoch from expires_at - created_at)::float8 as ttl
        from refresh_tokens where id_hash = ${hashSecret(token)}`;
      if (found === undefined) throw new Error('there is no such refresh token');
      return found;
    },
    async countFamily(token) {
      const { count } = await sql`
        select from refresh_tokens
        where family_hash = (select family_hash from refresh_tokens where id_hash = ${hashSecret(token)})`;
      return count;
    },
    close: () => town.close(),
  };
}
