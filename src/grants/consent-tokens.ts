import { hashSecret, newSecret, type Sealer } from '../base/index.ts';
import { available, type Sql } from '../store/index.ts';

/** What a consent token stands for. */
export interface ConsentQuestion {
  /** Id of the authorization request that waits. It never leaves the server. */
  readonly interactionId: string;
  readonly clientId: string;
  /** The one user who may answer; none as long as nobody has used the token. */
  readonly userSid: string | undefined;
}

/** The tokens by which a question to a user is named outside the browser that began. */
export interface ConsentTokens {
  /** Makes a token of 256 bits. `ttl` is in seconds, by the database's clock. @returns the token, kept nowhere. */
  create(question: ConsentQuestion & { readonly ttl: number }): Promise<string>;
  /** What an unspent and unexpired token stands for. */
  find(token: string): Promise<ConsentQuestion | undefined>;
  /** Binds a token to the first user who uses it. @returns false where it is spent, expired or another user's. */
  bind(token: string, userSid: string): Promise<boolean>;
  /** Spends a token, once. @returns false where it is spent, expired or another user's. */
  spend(token: string, userSid: string | undefined): Promise<boolean>;
}

interface Row {
  readonly interactionSealed: Buffer;
  readonly clientId: string;
  readonly userSid: string | null;
}

/** The purpose that the ids of requests are sealed for. */
const purpose = 'consent token';

/** Bound to its row: a ciphertext that is copied to another token does not open. */
const contextOf = (idHash: Buffer) => idHash.toString('hex');

/**
 * Opens the consent tokens. The table holds their hashes, and the ids of the requests sealed. Who may answer, and that
 * it is done once, is decided by the row count of one statement each.
 */
export function createConsentTokens(sql: Sql, sealer: Sealer): ConsentTokens {
  return {
    async create({ interactionId, clientId, userSid, ttl }) {
      const token = newSecret();
      const idHash = hashSecret(token);
      const sealed = sealer.seal(purpose, contextOf(idHash), Buffer.from(interactionId));
      await available(sql`
        insert into consent_tokens (id_hash, interaction_sealed, client_id, user_sid, expires_at)
        values (${idHash}, ${sealed}, ${clientId}, ${userSid ?? null}, now() + make_interval(secs => ${ttl}))`);
      return token;
    },
    async find(token) {
      const idHash = hashSecret(token);
      const [row] = await available(sql<Row[]>`
        select interaction_sealed as "interactionSealed", client_id as "clientId", user_sid as "userSid"
        from consent_tokens where id_hash = ${idHash} and spent_at is null and expires_at > now()`);
      if (row === undefined) return undefined;
      const interactionId = sealer.open(purpose, contextOf(idHash), row.interactionSealed).toString('utf8');
      return { interactionId, clientId: row.clientId, userSid: row.userSid ?? undefined };
    },
    async bind(token, userSid) {
      const { count } = await available(sql`
        update consent_tokens set user_sid = ${userSid}
        where id_hash = ${hashSecret(token)} and spent_at is null and expires_at > now()
          and (user_sid is null or user_sid = ${userSid})`);
      return count === 1;
    },
    async spend(token, userSid) {
      const user = userSid ?? null;
      const { count } = await available(sql`
        update consent_tokens set spent_at = now(), user_sid = coalesce(user_sid, ${user}::text)
        where id_hash = ${hashSecret(token)} and spent_at is null and expires_at > now()
          and (user_sid is null or user_sid = ${user}::text)`);
      return count === 1;
    },
  };
}
