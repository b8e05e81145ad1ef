import { configuration, onResponse } from './places.mjs';

const test = 'test/conformance/browser.test.ts';
const headers = 'src/interactions/pages/headers.ts';
const browserRoutes = 'src/provider/browser-routes.ts';
const noStore = "ctx.set('cache-control', 'no-store');";

export default [
  { check: 27, test, out: 'the sources of pictures', edits: [[headers, '"img-src \'self\'"', '"img-src *"']] },
  {
    check: 27,
    test,
    out: 'the referrer policy',
    edits: [[headers, "'referrer-policy': 'no-referrer'", "'referrer-policy': 'unsafe-url'"]],
  },
  {
    check: 28,
    test,
    out: 'no-store at whatever is answered without the library',
    edits: [['src/provider/lanes.ts', "'cache-control', 'no-store'", "'cache-control', 'private'"]],
  },
  {
    check: 28,
    test,
    out: 'no-store at tokens, codes and errors of the library',
    edits: [onResponse("ctx.set('cache-control', 'private');")],
  },
  {
    check: 28,
    test,
    out: 'no-store at introspection by an API key',
    edits: [['src/provider/tokens/endpoints.ts', noStore, '']],
  },
  { check: 28, test, out: 'no-store at pages', edits: [[headers, "    'cache-control': 'no-store',\n", '']] },
  {
    check: 28,
    test,
    out: 'no-store at a form that goes on as GET',
    edits: [
      [browserRoutes, `    ${noStore}\n    ctx.status = 303;`, '    ctx.status = 303;'],
      [browserRoutes, "  'cache-control': 'no-store',\n} as const;", '} as const;'],
    ],
  },
  {
    check: 28,
    test,
    out: 'no-store at the consent API',
    edits: [
      [
        'src/interactions/headless/routes.ts',
        `    ${noStore}\n    ctx.body = { redirect_uri`,
        '    ctx.body = { redirect_uri',
      ],
    ],
  },
  {
    check: 29,
    test,
    out: 'X-Frame-Options',
    edits: [['src/http/security-headers.ts', "  'x-frame-options': 'DENY',\n", '']],
  },
  { check: 29, test, out: 'frame-ancestors of pages', edits: [[headers, '    "frame-ancestors \'none\'",\n', '']] },
  {
    check: 30,
    test,
    out: 'the escaping of parameters',
    edits: [
      onResponse(
        "if (typeof ctx.body === 'string') ctx.body = ctx.body.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', String.fromCharCode(34));",
      ),
    ],
  },
  { check: 30, test, out: 'the policy for scripts', edits: [[browserRoutes, "default-src 'none'; script-src; ", '']] },
  {
    check: 31,
    test,
    out: 'the absence of web_message',
    edits: [
      [
        configuration,
        '    userinfo: { enabled: true },',
        "    userinfo: { enabled: true },\n    webMessageResponseMode: { enabled: true, ack: 'individual-draft-01' },",
      ],
    ],
  },
];
