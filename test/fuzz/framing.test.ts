import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sendRaw } from '../support/raw-request.ts';
import { basic, tokenPaths } from '../support/tokens.ts';
import { headerValue } from './arbitraries.ts';
import { patience, tries } from './runs.ts';
import { openTarget, type Target } from './target.ts';

let target: Target;
beforeAll(async () => {
  target = await openTarget();
});
afterAll(() => target.close());

const paths = fc.constantFrom(...tokenPaths, '/oauth/jwks', '/.well-known/openid-configuration');
const form = 'grant_type=client_credentials';
const credentials = () =>
  `authorization: ${basic(target.house.demo.client_id, target.house.demo.client_secret).authorization}`;

const requestLines = (path: string) =>
  fc.constantFrom(
    `POST ${path} HTTP/1.1`,
    `POST ${path} HTTP/1.1`,
    `POST ${path} HTTP/1.0`,
    `POST ${path} HTTP/2.0`,
    `POST ${path} HTTP/9.9`,
    `POST ${path}`,
    `POST  ${path}  HTTP/1.1`,
    `POST\t${path}\tHTTP/1.1`,
    `post ${path} HTTP/1.1`,
    `${'A'.repeat(300)} ${path} HTTP/1.1`,
    `CONNECT ${path} HTTP/1.1`,
    'PRI * HTTP/2.0',
    `POST ${path}?${'a'.repeat(20_000)} HTTP/1.1`,
    `POST ${path}\0 HTTP/1.1`,
    '',
  );

/** Lengths that are right, too small, too large, repeated, contradictory, or no numbers. */
const framings = fc.oneof(
  fc.constantFrom<readonly string[]>(
    [`content-length: ${form.length}`],
    ['content-length: 5'],
    ['content-length: 5000'],
    ['content-length: 99999999999999999999'],
    ['content-length: -1'],
    ['content-length: 1e3'],
    ['content-length: 29, 29'],
    ['content-length: 29', 'content-length: 30'],
    ['content-length: 29', 'transfer-encoding: chunked'],
    ['transfer-encoding: chunked'],
    ['transfer-encoding: chunked', 'transfer-encoding: identity'],
    ['transfer-encoding: chunked, gzip'],
    ['transfer-encoding: xchunked'],
    ['transfer-encoding : chunked'],
    ['expect: 100-continue', `content-length: ${form.length}`],
    ['expect: something else', `content-length: ${form.length}`],
    ['upgrade: websocket', 'connection: upgrade', `content-length: ${form.length}`],
    ['upgrade: h2c', 'connection: upgrade, http2-settings', 'http2-settings: AAA'],
    [],
  ),
  headerValue.map((value) => [`content-length: ${value}`]),
  headerValue.map((value) => [`transfer-encoding: ${value}`]),
);

const oddLines = fc.oneof(
  fc.constantFrom<readonly string[]>(
    [],
    [],
    ['no colon here'],
    [': no name'],
    [' folded: header'],
    ['a\0b: c'],
    ['a: b\0c'],
    ['a: b\rc'],
    ['host: localhost', 'host: evil.example'],
    [`x-long: ${'x'.repeat(20_000)}`],
    Array.from({ length: 3_000 }, (_, index) => `x-${index}: y`),
    [`cookie: ${'a=b; '.repeat(2_000)}`],
    ['content-type: application/json', 'content-type: text/plain'],
    ['authorization: Basic a', 'authorization: Bearer b'],
  ),
  fc.string({ unit: 'binary', maxLength: 50 }).map((text) => [text]),
);

const chunked = (size: string, data: string) => `${size}\r\n${data}\r\n0\r\n\r\n`;
const contents = fc.oneof(
  fc.constantFrom(
    form,
    chunked(form.length.toString(16), form),
    chunked('zz', form),
    chunked('-5', form),
    chunked('ffffffffffffffff', form),
    chunked('1', form),
    chunked(`1d;${'x'.repeat(20_000)}`, form),
    `${form.length.toString(16)}\r\n${form}\r\n`,
    `${form.length.toString(16)}\r\n${form}\r\n0\r\nx-trailer: y\r\n\r\n`,
    `${form}GET /smuggled HTTP/1.1\r\nhost: localhost\r\n\r\n`,
    '',
  ),
  fc.string({ unit: 'binary', maxLength: 200 }),
);

/** A whole request with something wrong in how it is framed, cut off somewhere or not. */
const requests = () =>
  fc
    .tuple(paths.chain(requestLines), framings, oddLines, contents, fc.option(fc.nat({ max: 600 }), { freq: 4 }))
    .map(([line, framing, odd, content, cut]) => {
      const type = 'content-type: application/x-www-form-urlencoded';
      const head = [line, 'host: localhost', credentials(), type, ...framing, ...odd, 'connection: close', '', ''];
      const bytes = Buffer.from(head.join('\r\n') + content, 'latin1');
      return cut === null ? bytes : bytes.subarray(0, cut);
    });

const readable = (bytes: Buffer) => bytes.toString('latin1').slice(0, 2_000);

describe('the listener under broken HTTP', () => {
  it(
    'ends each connection with an answer or without one, soon, and never fails',
    async () => {
      await fc.assert(
        fc.asyncProperty(requests(), async (bytes) => {
          const answer = await target.attack(bytes, { hangUpAfter: 20 });
          if (answer.status >= 400)
            expect([readable(bytes), JSON.parse(answer.body)]).toEqual([
              readable(bytes),
              expect.objectContaining({ error: expect.any(String) }),
            ]);
        }),
        tries(240),
      );
    },
    patience,
  );

  it(
    'does the same under noise that was never meant to be HTTP',
    async () => {
      const noise = fc.oneof(
        fc.uint8Array({ minLength: 1, maxLength: 2_000 }),
        fc.constant(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00])),
        fc.constant(Buffer.alloc(100_000, 0)),
        fc.constant(Buffer.alloc(100_000, 'A')),
        fc.constant(Buffer.from('\r\n'.repeat(5_000))),
      );
      await fc.assert(
        fc.asyncProperty(noise, async (bytes) => {
          await target.attack(bytes, { hangUpAfter: 20 });
        }),
        tries(60),
      );
    },
    patience,
  );

  it('closes a connection on which nothing more comes, without waiting for its client to hang up', async () => {
    const head = `POST /oauth/token HTTP/1.1\r\nhost: localhost\r\n${credentials()}\r\ncontent-length: 100\r\n\r\ngrant_`;
    const started = performance.now();
    const { status } = await sendRaw(target.house.address, head, { limit: 8_000 });
    expect(status).toBe(408);
    expect(performance.now() - started).toBeLessThan(6_000);
  });

  it('serves a request whatever it expects of the server', async () => {
    const head = `POST /oauth/token HTTP/1.1\r\nhost: localhost\r\n${credentials()}\r\nconnection: close\r\n`;
    const type = 'content-type: application/x-www-form-urlencoded';
    for (const expectation of ['100-continue', '200-ok', 'miracles']) {
      const bytes = `${head}${type}\r\nexpect: ${expectation}\r\ncontent-length: ${form.length}\r\n\r\n${form}`;
      expect([expectation, (await target.attack(bytes)).status]).toEqual([expectation, 200]);
    }
  });

  it('reads no second request out of the body of the first', async () => {
    const smuggled = 'GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n';
    const head = 'POST /oauth/token HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\n';
    const both = `${head}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`;
    const { text } = await target.attack(both, { hangUpAfter: 50 });
    expect(text).not.toContain('"ok"');
  });

  it('leaves the server as it was', () => target.expectUnharmed());
});
