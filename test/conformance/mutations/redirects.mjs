// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts of sources.
import { configuration, factory, insteadOfLibrary, onResponse } from './places.mjs';

const addresses = 'src/clients/addresses.ts';
const browserRoutes = 'src/provider/browser-routes.ts';
const redirects = 'test/conformance/redirects.test.ts';
const responses = 'test/conformance/responses.test.ts';

/** Where the client is told something, the redirect is changed on its way out. */
const changeLocation = (change) =>
  onResponse(`const to = ctx.response.get('location'); if (to) ctx.set('location', ${change});`);

const redirectRule = (rule) =>
  insteadOfLibrary(`redirectUriAllowed(this: LibraryClient, value: string) {
      return this.redirectUris?.some((uri) => ${rule}) === true;
    },`);

export default [
  {
    check: 1,
    test: redirects,
    out: 'the exact comparison: a prefix is enough',
    edits: [redirectRule('value.startsWith(uri)')],
  },
  {
    check: 1,
    test: redirects,
    out: 'the exact comparison: both are normalized before',
    edits: [redirectRule('URL.parse(value)?.href === URL.parse(uri)?.href')],
  },
  {
    check: 2,
    test: redirects,
    out: 'the difference between the names of this machine',
    edits: [
      redirectRule(`URL.parse(value)?.pathname === URL.parse(uri)?.pathname
        && ['localhost', '127.0.0.1', '[::1]'].includes(URL.parse(value)?.hostname ?? '')`),
    ],
  },
  {
    check: 3,
    test: redirects,
    out: 'the rule for redirect URIs at registration',
    edits: [[addresses, "each('redirect_uris', draft.redirectUris ?? [], redirect)", '[]']],
  },
  {
    check: 3,
    test: redirects,
    out: 'the refusal of schemes that a browser runs',
    edits: [
      [addresses, '  if (browserSchemes.has(url.protocol)) return', "  if (url.protocol === 'x:') return"],
      [addresses, "url.protocol.includes('.') ? undefined", "url.protocol.includes(':') ? undefined"],
    ],
  },
  {
    check: 3,
    test: redirects,
    out: 'the refusal of wildcards',
    edits: [[addresses, "url.host.includes('*')", 'false']],
  },
  { check: 3, test: redirects, out: 'the refusal of fragments', edits: [[addresses, "uri.includes('#')", 'false']] },
  {
    check: 3,
    test: redirects,
    out: 'the refusal of plain http',
    edits: [
      [
        addresses,
        "  if (url.protocol === 'https:' || isLoopback(url)) return undefined;",
        "  if (url.protocol === 'https:' || url.protocol === 'http:') return undefined;",
      ],
    ],
  },
  {
    check: 4,
    test: redirects,
    out: 'the error page: errors go to whatever redirect_uri says',
    edits: [
      [
        'src/provider/pages.ts',
        "      if (ctx.accepts('json', 'html') !== 'html') {",
        "      const to = ctx.oidc.params?.['redirect_uri'];\n      if (typeof to === 'string') return ctx.redirect(to);\n      if (ctx.accepts('json', 'html') !== 'html') {",
      ],
    ],
  },
  {
    check: 5,
    test: redirects,
    out: 'the consent',
    edits: [
      ['src/provider/people/policy.ts', "  policy.get('login')", "  policy.remove('consent');\n  policy.get('login')"],
    ],
  },
  {
    check: 5,
    test: redirects,
    out: 'the page in between for who registered itself',
    edits: [[factory, '  provider.use(holdBack(provider, parts.renderers) as LibraryMiddleware);\n', '']],
  },
  {
    check: 6,
    test: redirects,
    out: 'the registration of addresses after a sign-out',
    edits: [insteadOfLibrary('postLogoutRedirectUriAllowed: () => true,')],
  },
  {
    check: 6,
    test: redirects,
    out: 'the silence about addresses in a query: "next" is followed',
    edits: [
      [
        'src/http/prefix.ts',
        '  await next();',
        "  await next();\n  if (typeof ctx.query['next'] === 'string') ctx.redirect(ctx.query['next']);",
      ],
    ],
  },
  {
    check: 7,
    test: responses,
    out: '303 after a form of the pages: 307',
    edits: [['src/interactions/browser/routes.ts', 'ctx.status = 303;', 'ctx.status = 307;']],
  },
  {
    check: 7,
    test: responses,
    out: '303 after a form of the authorization endpoint: 307',
    edits: [
      [
        browserRoutes,
        'ctx.status = 303;\n    ctx.redirect(`${path}?${query}`);',
        'ctx.redirect(`${path}?${query}`);\n    ctx.status = 307;',
      ],
    ],
  },
  { check: 8, test: responses, out: 'iss in errors', edits: [changeLocation("to.replace(/&iss=[^&]*/, '')")] },
  {
    check: 8,
    test: responses,
    out: 'the state as it came: it is trimmed',
    edits: [changeLocation("to.replace(/state=\\+/, 'state=')")],
  },
  { check: 9, test: responses, out: 'iss in responses', edits: [changeLocation("to.replace(/&iss=[^&]*/, '')")] },
  {
    check: 9,
    test: responses,
    out: 'the word about iss in the metadata',
    edits: [
      [
        'src/provider/metadata.ts',
        "'claim_types_supported',",
        "'claim_types_supported', 'authorization_response_iss_parameter_supported',",
      ],
    ],
  },
  {
    check: 10,
    test: responses,
    out: 'the removal of forwarded headers',
    edits: [
      ['src/provider/routes.ts', "    delete headers['x-forwarded-host'];\n", ''],
      ['src/provider/routes.ts', "    headers['x-forwarded-proto'] = scheme;\n", ''],
    ],
  },
  {
    check: 10,
    test: 'test/flows/forged-origin.test.ts',
    name: 'the same, to the byte',
    out: 'the canonical host',
    edits: [
      ['src/provider/routes.ts', '    headers.host = host;\n', ''],
      ['src/provider/routes.ts', "    delete headers['x-forwarded-host'];\n", ''],
    ],
  },
  {
    check: 11,
    test: responses,
    out: 'the one response type',
    edits: [
      [configuration, "responseTypes: ['code'],", "responseTypes: ['code', 'code id_token', 'id_token'],"],
      [
        'src/provider/client-metadata.ts',
        "usesCode ? ['code'] : []",
        "usesCode ? ['code', 'code id_token', 'id_token'] : []",
      ],
    ],
  },
  {
    check: 12,
    test: responses,
    out: 'the refusal of tokens in URLs',
    edits: [
      [
        configuration,
        "    responseTypes: ['code'],",
        "    responseTypes: ['code'],\n    acceptQueryParamAccessTokens: true,",
      ],
    ],
  },
  {
    check: 13,
    test: responses,
    out: 'the absence of CORS at the authorization endpoint',
    edits: [
      [
        browserRoutes,
        "  'cache-control': 'no-store',\n} as const;",
        "  'cache-control': 'no-store',\n  'access-control-allow-origin': '*',\n} as const;",
      ],
    ],
  },
  {
    check: 13,
    test: responses,
    out: 'the origins of a client',
    edits: [
      [configuration, 'recordOf(client)?.webOrigins.has(origin) === true,', 'recordOf(client)?.clientId !== origin,'],
    ],
  },
];
