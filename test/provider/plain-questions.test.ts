import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { assembleCast, type Cast } from './plain-cast.ts';
import { type Engines, openEngines } from './plain-engines.ts';
import { type Question, questions } from './plain-questions.ts';
import type { TokenRequest } from './plain-requests.ts';
import { type Answer, agent, describeHeaders, send } from './plain-wire.ts';

const cases = 1000;
const seed = Number(process.env['PLAIN_SEED'] ?? Date.now() % 1_000_000);

const essence = (answer: Answer, wanted: TokenRequest) => ({
  status: answer.status,
  headers: describeHeaders(answer, wanted),
  text: answer.text,
});

const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

/** Who has tokens, of which kinds. The cast knows how to be each of the first two clients. */
const kinds = ['https://api.example/es', 'https://api.example/rs', 'https://api.example/opaque'];

describe('the express lanes of introspection and revocation', () => {
  let cast: Cast;
  let engines: Engines;
  beforeAll(async () => {
    cast = await assembleCast();
    engines = await openEngines(cast.house);
  });
  afterAll(async () => {
    agent.destroy();
    await engines.close();
    await cast.house.close();
  });

  function ask(address: string, path: string, holder: number, fields: Readonly<Record<string, string>>) {
    const { id = '', secrets = [] } = cast.clients[holder] ?? {};
    const headers = { 'content-type': 'application/x-www-form-urlencoded', authorization: basic(id, secrets[0] ?? '') };
    return send(address, { path, headers, body: new URLSearchParams(fields).toString() });
  }

  /** A token for one of the places in which {@link questions} look. */
  async function issue(index: number): Promise<string> {
    const fields = { grant_type: 'client_credentials', resource: kinds[index % kinds.length] as string };
    const { text } = await ask(engines.library, '/oauth/token', index % 2, fields);
    return (JSON.parse(text) as { access_token: string }).access_token;
  }

  const isActive = async (index: number, token: string) =>
    (await ask(engines.library, '/oauth/introspect', index % 2, { token })).text.includes('"active":true');

  const places = kinds.length * 2;
  const options = { numRuns: cases, seed };

  it(`answer ${cases} generated introspections exactly as the library's path does (PLAIN_SEED=${seed})`, async () => {
    const tokens = await Promise.all(Array.from({ length: places }, (_, index) => issue(index)));
    const statuses = new Map<number, number>();
    const before = engines.answered();
    let active = 0;

    async function compare({ index, about }: Question): Promise<void> {
      const wanted = about(tokens[index] as string);
      const [plain, library] = await Promise.all([send(engines.plain, wanted), send(engines.library, wanted)]);
      statuses.set(plain.status, (statuses.get(plain.status) ?? 0) + 1);
      if (plain.text.includes('"active":true')) active += 1;
      expect(essence(plain, wanted)).toEqual(essence(library, wanted));
      expect(plain.status).toBeLessThan(500);
    }

    await fc.assert(fc.asyncProperty(questions(cast, 'introspect', places), compare), options);
    // The generator must reach both sides, or the comparison says nothing.
    expect(engines.answered() - before).toBeGreaterThan(cases / 5);
    expect(active).toBeGreaterThan(cases / 20);
    for (const status of [400, 401]) expect(statuses.get(status)).toBeGreaterThan(cases / 30);
  }, 240_000);

  it('answer a client with a secret whatever Origin it passes on, and let no page read the answer', async () => {
    const token = await issue(0);
    const { id = '', secrets = [] } = cast.clients[0] ?? {};
    const { status, headers, text } = await send(engines.plain, {
      path: '/oauth/introspect',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: basic(id, secrets[0] ?? ''),
        origin: 'https://app.example',
      },
      body: new URLSearchParams({ token }).toString(),
    });
    expect([status, text.includes('"active":true'), headers['access-control-allow-origin']]).toEqual([
      200,
      true,
      undefined,
    ]);
  });

  it(`take back what the library's path takes back, in ${cases} generated revocations (PLAIN_SEED=${seed})`, async () => {
    const before = engines.answered();
    let revoked = 0;
    let twins = await Promise.all(Array.from({ length: places }, (_, index) => twinsFor(index)));

    async function twinsFor(index: number) {
      return { plain: await issue(index), library: await issue(index) };
    }

    async function compare({ index, about }: Question): Promise<void> {
      const { plain, library } = twins[index] as (typeof twins)[number];
      const [asked, alike] = [about(plain), about(library)];
      const answers = await Promise.all([send(engines.plain, asked), send(engines.library, alike)]);
      expect(essence(answers[0], asked)).toEqual(essence(answers[1], alike));
      const left = await Promise.all([isActive(index, plain), isActive(index, library)]);
      expect(left[0]).toBe(left[1]);
      if (left[0]) return;
      revoked += 1;
      const fresh = await twinsFor(index);
      twins = twins.map((pair, at) => (at === index ? fresh : pair));
    }

    await fc.assert(fc.asyncProperty(questions(cast, 'revoke', places), compare), options);
    expect(engines.answered() - before).toBeGreaterThan(cases / 5);
    expect(revoked).toBeGreaterThan(cases / 20);
  }, 120_000);
});
