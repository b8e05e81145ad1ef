// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts of sources.
import { beforeCode, configuration, factory, familyOfAnyone, onCode } from './places.mjs';

const test = 'test/conformance/code.test.ts';
const store = 'src/provider/storage/store.ts';
const csrf = 'src/interactions/browser/csrf.ts';
const ofPublic = "client.tokenEndpointAuthMethod === 'none' || ";
const unspent = 'where kind = ${kind} and id_hash = ${idHash} and consumed_at is null';

export default [
  {
    check: 14,
    test,
    out: 'the rule that public clients always need PKCE',
    edits: [
      [configuration, ofPublic, ''],
      ['src/clients/rules.ts', "draft.clientType === 'public' || draft.requirePkce", 'draft.requirePkce'],
    ],
  },
  {
    check: 15,
    test,
    out: 'PKCE for confidential clients',
    edits: [[configuration, ' || recordOf(client)?.requirePkce !== false', '']],
  },
  {
    check: 16,
    test,
    out: 'the refusal of plain: it is taken for S256',
    edits: [
      [
        'src/provider/browser-routes.ts',
        "    throw new Problem('malformed_request', 'A parameter contains a control character.');\n  }\n  await next();",
        "    throw new Problem('malformed_request', 'A parameter contains a control character.');\n  }\n  ctx.req.url = ctx.req.url?.replace('code_challenge_method=plain', 'code_challenge_method=S256') ?? '';\n  await next();",
      ],
    ],
  },
  {
    check: 17,
    test,
    out: 'the challenge in the code',
    edits: [beforeCode('delete (this as any).codeChallenge;\n      delete (this as any).codeChallengeMethod;')],
  },
  {
    check: 18,
    test,
    out: 'the verifier in the request: one that nobody asked for is dropped',
    edits: [
      [
        'src/provider/parameter-guard.ts',
        'URLSearchParams(parameters.map(',
        "URLSearchParams(parameters.filter(([name]) => name !== 'code_verifier').map(",
      ],
    ],
  },
  {
    check: 19,
    test,
    out: 'the burning of misused codes',
    edits: [[factory, '  provider.use(burnMisusedCode(parts.sql) as LibraryMiddleware);\n', '']],
  },
  {
    check: 20,
    test,
    out: 'the client in code and family',
    edits: [onCode('clientId: ctx?.oidc.client?.clientId'), familyOfAnyone],
  },
  {
    check: 20,
    test,
    out: 'the client in the statement that burns a code',
    edits: [[store, ' and client_id = ${clientId} and consumed_at is null', ' and consumed_at is null']],
  },
  {
    check: 21,
    test,
    out: 'the redirect URI in the code',
    edits: [onCode("redirectUri: ctx?.oidc.params?.['redirect_uri']")],
  },
  {
    check: 22,
    test,
    out: 'the end of the family of a code that is used twice',
    edits: [
      [store, 'and not exists (select from spent)', 'and false'],
      [
        store,
        'set revoked_at = now() where id_hash = ${idHash} and revoked_at is null`',
        'set revoked_at = now() where id_hash = ${idHash} and false`',
      ],
      [
        'src/provider/storage/reuse.ts',
        'where id_hash = ${idHash} and revoked_at is null',
        'where id_hash = ${idHash} and false',
      ],
    ],
  },
  {
    check: 23,
    test,
    out: 'the condition of the statement that spends a code for the library',
    edits: [
      [store, `${unspent}\n      returning 1`, 'where kind = ${kind} and id_hash = ${idHash}\n      returning 1'],
    ],
  },
  {
    check: 23,
    test,
    out: 'the condition of the statement that spends a code without the library',
    edits: [
      [
        'src/provider/storage/live-code.ts',
        'and id_hash = ${idHash} and consumed_at is null',
        'and id_hash = ${idHash}',
      ],
    ],
  },
  {
    check: 24,
    test,
    out: 'the minute: ten',
    edits: [[configuration, 'AuthorizationCode: 60,', 'AuthorizationCode: 600,']],
  },
  { check: 24, test, out: 'the end in the code when it is read', edits: [onCode('exp: undefined')] },
  { check: 25, test, out: 'the nonce in the code', edits: [beforeCode('delete (this as any).nonce;')] },
  { check: 25, test, out: 'the DPoP key in the code', edits: [beforeCode('delete (this as any).dpopJkt;')] },
  {
    check: 26,
    test,
    out: 'the seal of a form',
    edits: [
      [
        csrf,
        'return browser !== undefined && sameHash(',
        'return browser === undefined || value === value || sameHash(',
      ],
    ],
  },
  {
    check: 26,
    test,
    out: 'the cookie of the browser that began',
    edits: [['src/provider/people/requests.ts', 'beganIn: (req, id) => cookie.isIn(req, id),', 'beganIn: () => true,']],
  },
  {
    check: 26,
    test,
    out: 'the look at where a form comes from',
    edits: [
      [
        csrf,
        "  const site = headers['sec-fetch-site'];",
        "  if (issuer !== '') return true;\n  const site = headers['sec-fetch-site'];",
      ],
    ],
  },
];
