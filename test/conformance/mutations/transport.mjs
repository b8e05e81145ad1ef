// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts of sources.
import { mutualTls } from './clients.mjs';
import { configuration, factory, onResponse } from './places.mjs';

const test = 'test/conformance/transport.test.ts';

export default [
  {
    check: 51,
    test,
    out: 'the absence of the grant by password',
    edits: [
      [
        factory,
        '  provider.proxy = true;',
        "  provider.registerGrantType('password', (async (ctx: any, next: any) => {\n    ctx.body = { access_token: 'x' };\n    await next();\n  }) as never, ['username', 'password']);\n  provider.proxy = true;",
      ],
    ],
  },
  {
    check: 52,
    test,
    out: 'Strict-Transport-Security',
    edits: [
      [
        'src/http/security-headers.ts',
        '{ ...always, ...strictTransport } : always',
        'always : { ...always, ...strictTransport }',
      ],
    ],
  },
  {
    check: 52,
    test,
    out: 'Secure at the cookies of the protocol',
    edits: [[configuration, "secure: config.issuer.startsWith('https:'), signed", 'secure: false, signed']],
  },
  {
    check: 52,
    test: 'test/config/faults.test.ts',
    name: 'in production the issuer may not be',
    out: 'the refusal of http in production',
    edits: [
      [
        'src/config/load.ts',
        "if (env.NODE_ENV === 'production' && url.protocol === 'http:'",
        "if (env.NODE_ENV === 'production' && url.protocol === 'ftp:'",
      ],
    ],
  },
  {
    check: 53,
    test,
    out: 'the distrust of X-Forwarded-For',
    edits: [
      [
        'src/http/client-address.ts',
        'return peer;',
        "return (req) => String(req.headers['x-forwarded-for'] ?? peer(req));",
      ],
    ],
  },
  { check: 53, test, out: 'the absence of certificates', edits: [mutualTls] },
  {
    check: 54,
    test,
    out: 'the truth about methods: one more is named',
    edits: [
      onResponse(
        "if (ctx.oidc?.route === 'discovery') ctx.body.token_endpoint_auth_methods_supported.push('tls_client_auth');",
      ),
    ],
  },
  {
    check: 54,
    test,
    out: 'an endpoint that is named',
    edits: [
      ['src/provider/routes.ts', "router.post('/oauth/revoke'", "router.post('/oauth/nowhere'"],
      ['src/provider/lanes.ts', "lane('/oauth/revoke'", "lane('/oauth/nowhere'"],
    ],
  },
  {
    check: 55,
    test,
    out: 'the silence of the error boundary about causes',
    edits: [
      [
        'src/http/errors/boundary.ts',
        "'Something went wrong on this side. The request id helps to find it.'",
        '`Something went wrong: ${(error as Error).stack}`',
      ],
    ],
  },
  {
    check: 55,
    test,
    out: 'the silence of the protocol about causes',
    edits: [
      [
        'src/provider/failures.ts',
        'throw error instanceof Problem ? libraryError(error) : error;',
        "throw libraryError(error instanceof Problem ? error : new Problem('server_error', String(error)));",
      ],
    ],
  },
  {
    check: 55,
    test,
    build: true,
    out: 'the path without its query in the access log',
    edits: [['src/http/access-log.ts', '      route,\n', '      route: route + res.req.url,\n']],
  },
];
