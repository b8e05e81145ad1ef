// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts of sources.
// What is answered without the library is guarded by a second hand: here that one fails, and the library's does not.
const redirects = 'test/conformance/redirects.test.ts';
const responses = 'test/conformance/responses.test.ts';
const code = 'test/conformance/code.test.ts';
const refresh = 'test/conformance/refresh.test.ts';
const limits = 'test/race/limits.test.ts';
const authorize = 'src/provider/plain/authorize.ts';
const redemption = 'src/provider/plain/code.ts';
const tokens = 'src/provider/plain/user-token.ts';
const liveCode = 'src/provider/storage/live-code.ts';
const plainness = 'src/provider/storage/rules.ts';
const liveRefresh = 'src/provider/storage/live-refresh.ts';
const unexpired = '(token.exp ?? 0) > now';

/** Once more, for the way round the library. */
export default [
  {
    check: 1,
    test: redirects,
    out: 'the exact comparison, for who is signed in',
    edits: [[authorize, 'client.redirectUris.includes(redirectUri)', "redirectUri !== ''"]],
  },
  {
    check: 9,
    test: responses,
    out: 'iss in responses, for who is signed in',
    edits: [[authorize, ', iss: config.issuer', '']],
  },
  {
    check: 16,
    test: code,
    out: 'the one method, for who is signed in',
    edits: [['src/provider/plain/query.ts', "members.get('code_challenge_method') === 'S256'", 'true']],
  },
  {
    check: 19,
    test: code,
    out: 'the comparison of the verifier without the library',
    edits: [[redemption, '!fitsChallenge(verifier, challenge)', 'challenge === undefined']],
  },
  {
    check: 20,
    test: code,
    out: 'the client in the code without the library',
    edits: [[tokens, 'token.clientId === client.clientId', "client.clientId !== ''"]],
  },
  {
    check: 21,
    test: code,
    out: 'the redirect URI in the code without the library',
    edits: [[redemption, "found.token['redirectUri'] !== redirectUri", "redirectUri === ''"]],
  },
  {
    check: 24,
    test: code,
    out: 'the minute, for who is signed in: ten',
    edits: [[authorize, 'const codeTtl = 60;', 'const codeTtl = 600;']],
  },
  {
    check: 24,
    test: code,
    out: 'the end in the code without the library',
    edits: [
      [tokens, unexpired, 'now > 0'],
      [liveCode, ' and a.expires_at > now()', ''],
    ],
  },
  {
    check: 25,
    test: code,
    out: 'the DPoP key in the code without the library',
    edits: [[plainness, "'dpopJkt', ", '']],
  },
  {
    check: 39,
    test: refresh,
    out: 'the key in the refresh token without the library',
    edits: [[plainness, "'jkt', ", '']],
  },
  {
    check: 42,
    test: limits,
    name: 'for another resource',
    build: true,
    out: 'the look at the resource without the library',
    edits: [
      [liveRefresh, ' and t.resource = ${wanted.resource}', ''],
      [liveRefresh, "        and string_to_array(t.scope, ' ') && string_to_array(${wanted.scope}, ' ')\n", ''],
    ],
  },
  {
    check: 43,
    test: 'test/race/refreshing.test.ts',
    name: 'changes nothing in the hands of another client',
    build: true,
    out: 'the client in the refresh token without the library',
    edits: [[liveRefresh, 't.client_id = ${wanted.clientId} and ', '']],
  },
  {
    check: 45,
    test: refresh,
    out: 'the look at the family without the library',
    edits: [[liveRefresh, ' and f.revoked_at is null', '']],
  },
];
