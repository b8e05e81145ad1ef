// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts of sources.
import { configuration, factory, familyOfAnyone } from './places.mjs';

const test = 'test/conformance/refresh.test.ts';
const lifetimes = 'src/provider/lifetimes.ts';
const tokens = 'src/provider/storage/refresh-tokens.ts';
const rotation = 'src/provider/storage/rotation.ts';
const inOne = 'src/provider/storage/live-refresh.ts';
const people = 'migrations/20261121000000_people/migration.sql';
const revocation = 'migrations/20261120000100_revocation/migration.sql';
const reads = ', jti: id };';

/** Lets the library read a refresh token with another member. @param members as in an object. */
const onRefreshToken = (members) => [tokens, reads, `, jti: id, ${members} };`];

export default [
  {
    check: 39,
    test,
    out: 'rotation',
    edits: [
      [
        configuration,
        'rotateRefreshToken: rotateUnlessRefused(describe, config.tokens.defaultResource),',
        'rotateRefreshToken: false,',
      ],
    ],
  },
  {
    check: 39,
    test,
    out: 'the key in the refresh token',
    edits: [
      [
        factory,
        '      const value = await (save as',
        '      delete (this as any).jkt;\n      const value = await (save as',
      ],
    ],
  },
  {
    check: 40,
    test: 'test/race/refreshing.test.ts',
    name: 'ends its family when the window has passed',
    build: true,
    out: 'the end of the window when a spent token is read',
    edits: [
      [
        rotation,
        'coalesce(spent_at > now() - make_interval(secs => ${window}), false)',
        'coalesce(spent_at > now() - make_interval(days => 1, secs => ${window}), false)',
      ],
    ],
  },
  {
    check: 41,
    test: 'test/race/refreshing.test.ts',
    name: 'spend it once, and all get the one successor',
    build: true,
    out: 'the condition of the statement that spends a refresh token',
    edits: [[rotation, 'where id_hash = ${spentHash} and spent_at is null', 'where id_hash = ${spentHash}']],
  },
  {
    check: 41,
    test: 'test/race/refreshing.test.ts',
    name: 'spend it once, and all get the one successor',
    build: true,
    out: 'the condition of the statement that is a plain refresh',
    edits: [[inOne, 't.id_hash = ${exchange.spentHash} and t.spent_at is null', 't.id_hash = ${exchange.spentHash}']],
  },
  {
    check: 43,
    test: 'test/provider/refresh-in-one.test.ts',
    name: 'another client presents',
    out: 'the client in the statement that is a plain refresh',
    edits: [[inOne, 't.client_id = ${wanted.clientId} and t.resource', 't.resource']],
  },
  {
    check: 44,
    test: 'test/provider/refresh-in-one.test.ts',
    name: 'the token has expired',
    out: 'the end of a token in the statement that is a plain refresh',
    edits: [[inOne, ' and t.exp > ${now}', '']],
  },
  {
    check: 45,
    test: 'test/provider/refresh-in-one.test.ts',
    name: 'the user is suspended',
    out: 'the user in the statement that is a plain refresh',
    edits: [[inOne, " and u.standing = 'active'", '']],
  },
  {
    check: 45,
    test: 'test/provider/refresh-in-one.test.ts',
    name: 'the family was revoked',
    out: 'the family in the statement that is a plain refresh',
    edits: [[inOne, ' and f.revoked_at is null', '']],
  },
  {
    check: 45,
    test: 'test/provider/refresh-in-one.test.ts',
    name: 'was revoked after it was issued',
    out: 'revocations in the statement that is a plain refresh',
    edits: [[inOne, 'where r.revoked_before >= least(t.created_at, to_timestamp(t.iat)))', 'where false)']],
  },
  {
    check: 42,
    test: 'test/race/limits.test.ts',
    name: 'never widens',
    build: true,
    out: 'the scope in the refresh token',
    edits: [onRefreshToken("scope: String(Provider.ctx?.oidc.params?.['scope'] ?? 'accounts:read')")],
  },
  {
    check: 42,
    test: 'test/race/limits.test.ts',
    name: 'for another resource',
    build: true,
    out: 'the look at the resource before spending',
    edits: [[configuration, '    if (!token.resourceIndicators.has(asked)) throw new errors.InvalidTarget();\n', '']],
  },
  {
    check: 43,
    test: 'test/race/refreshing.test.ts',
    name: 'changes nothing in the hands of another client',
    build: true,
    out: 'the client in refresh token and family',
    edits: [onRefreshToken('clientId: Provider.ctx?.oidc.client?.clientId as string'), familyOfAnyone],
  },
  {
    check: 44,
    test,
    out: 'the end by idleness',
    edits: [[lifetimes, 'Math.min(tokens.refreshTokenIdleTtl, left)', 'Math.min(tokens.refreshTokenTtl, left)']],
  },
  {
    check: 44,
    test,
    out: 'the end of the authorization',
    edits: [
      [lifetimes, 'Math.min(tokens.refreshTokenIdleTtl, left)', 'Math.min(tokens.refreshTokenIdleTtl, left + now)'],
    ],
  },
  {
    check: 44,
    test,
    out: 'the end in the refresh token when it is read',
    edits: [onRefreshToken('exp: 4e9')],
  },
  {
    check: 45,
    test,
    out: 'the end of families with their session',
    edits: [
      [
        'src/provider/storage/sessions-store.ts',
        'where f.session_uid_hash = gone.uid_hash and f.revoked_at is null',
        'where false',
      ],
      [
        'src/provider/storage/sessions-store.ts',
        'where session_uid_hash = ${gone.uidHash} and revoked_at is null',
        'where session_uid_hash = ${gone.uidHash} and false',
      ],
    ],
  },
  {
    check: 45,
    test: 'test/accounts/endings.test.ts',
    name: 'ends the user',
    out: 'the trigger for a changed password',
    edits: [[people, "PERFORM \"countersign_revoke\"('user', OLD.\"sid\", '0 seconds', '181 days');", 'NULL;']],
  },
  {
    check: 45,
    test: 'test/accounts/endings.test.ts',
    name: 'ends what was allowed in the name of that organization',
    out: 'the trigger for a membership that ends',
    edits: [
      [
        people,
        'CREATE TRIGGER "memberships_end" AFTER DELETE ON "memberships"\n  FOR EACH ROW EXECUTE FUNCTION "countersign_end_membership"();',
        '',
      ],
    ],
  },
  {
    check: 45,
    test: 'test/revocations/standing.test.ts',
    name: 'a consent record that is deleted',
    out: 'the trigger for a consent record that is deleted',
    edits: [
      [
        revocation,
        'CREATE TRIGGER "grants_end" BEFORE DELETE ON "grants"\n  FOR EACH ROW EXECUTE FUNCTION "countersign_end_grant"();',
        '',
      ],
    ],
  },
  {
    check: 45,
    test: 'test/revocations/standing.test.ts',
    name: 'a client that is deleted',
    out: 'the trigger for a client that is deleted',
    edits: [['migrations/20261121130004_document_clients/migration.sql', `OLD."origin" <> 'document'`, 'false']],
  },
  {
    check: 46,
    test: 'test/race/crash.test.ts',
    name: 'has lost nothing',
    build: true,
    out: 'the successor that is kept for the next attempt',
    edits: [[rotation, '      and new.spent_at is null`);', '      and false`);']],
  },
];
