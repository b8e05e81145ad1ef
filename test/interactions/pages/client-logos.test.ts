import { describe, expect, it } from '@jest/globals';
import { createClientLogos } from '../../../src/interactions/pages/index.ts';
import { createOutbound, type Outbound, type OutboundFault } from '../../../src/outbound/index.ts';
import { ringPng, wordMarkSvg } from './pictures.ts';
import { serveMounts } from './server.ts';

const png = ringPng();

/** An outbound fetch that answers what a test says, and counts. */
function answering(body: (url: string) => Buffer | OutboundFault | Promise<Buffer>) {
  const asked: string[] = [];
  const outbound: Outbound = {
    async fetch(url) {
      asked.push(url);
      const answer = await body(url);
      return Buffer.isBuffer(answer)
        ? { ok: true, value: { url, headers: {}, body: answer } }
        : { ok: false, fault: answer };
    },
  };
  return { asked, outbound };
}

const byId = async (clientId: string) => (clientId === 'none' ? undefined : `https://logo.example/${clientId}`);
const fault: OutboundFault = { reason: 'unreachable', detail: 'ECONNREFUSED' };

async function withLogos<Value>(outbound: Outbound, use: (get: (id: string) => Promise<Response>) => Promise<Value>) {
  const logos = createClientLogos({ outbound, logoUri: byId });
  const server = await serveMounts(logos.mount);
  try {
    return await use((id) => fetch(`${server.origin}/oauth/logos/${id}`));
  } finally {
    await server.close();
  }
}

describe("A client's logo", () => {
  it('comes from our own origin, and can run nothing', async () => {
    await withLogos(answering(() => png).outbound, async (get) => {
      const answer = await get('OQ1');
      expect(answer.status).toBe(200);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'cache-control': 'private, max-age=3600',
        'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
        'content-type': 'image/png',
        'x-content-type-options': 'nosniff',
      });
      expect(Buffer.from(await answer.arrayBuffer()).equals(png)).toBe(true);
    });
  });

  it.each([
    ['JPEG', '\xff\xd8\xff\xe1', 'image/jpeg'],
    ['WebP', 'RIFF\0\0\0\0WEBP', 'image/webp'],
    ['GIF', 'GIF87a', 'image/gif'],
  ])('may be %s, by its bytes', async (_name, head, mediaType) => {
    await withLogos(answering(() => Buffer.from(head, 'latin1')).outbound, async (get) => {
      expect((await get('OQ1')).headers.get('content-type')).toBe(mediaType);
    });
  });

  it.each([
    ['a document that could run something', wordMarkSvg],
    ['a page', '<!doctype html><script>alert(1)</script>'],
    ['nothing', ''],
    ['a sound', 'RIFF____WAVEfmt '],
    ['a script that begins like a picture', 'GIF8=alert(1)'],
  ])('is not %s', async (_name, body) => {
    await withLogos(answering(() => Buffer.from(body)).outbound, async (get) => {
      const answer = await get('OQ1');
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([404, 'no-store']);
      expect(await answer.text()).not.toContain(body || 'alert');
    });
  });

  it('is not there for a client without one, and nobody is asked for it', async () => {
    const { asked, outbound } = answering(() => png);
    await withLogos(outbound, async (get) => expect((await get('none')).status).toBe(404));
    expect(asked).toEqual([]);
  });

  it('is asked for with a cap on size and time', async () => {
    const requests: unknown[] = [];
    const outbound: Outbound = {
      async fetch(_url, request) {
        requests.push(request);
        return { ok: false, fault };
      },
    };
    await withLogos(outbound, (get) => get('OQ1'));
    expect(requests).toEqual([
      { maxBytes: 262_144, timeoutMs: 5000, accept: 'image/png,image/jpeg,image/webp,image/gif' },
    ]);
  });

  it('is fetched by one request, however many browsers want it at once, and kept', async () => {
    const { asked, outbound } = answering(() => new Promise((resolve) => setTimeout(() => resolve(png), 50)));
    await withLogos(outbound, async (get) => {
      const answers = await Promise.all([1, 2, 3, 4, 5].map(() => get('OQ1')));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
      await get('OQ1');
    });
    expect(asked).toEqual(['https://logo.example/OQ1']);
  });

  it('that cannot be had is not asked for again at once', async () => {
    const { asked, outbound } = answering(() => fault);
    await withLogos(outbound, async (get) => {
      expect([(await get('OQ1')).status, (await get('OQ1')).status]).toEqual([404, 404]);
    });
    expect(asked).toHaveLength(1);
  });

  it('waits for no more than sixteen others', async () => {
    let release: (bytes: Buffer) => void = () => undefined;
    const held = new Promise<Buffer>((resolve) => {
      release = resolve;
    });
    const { asked, outbound } = answering(() => held);
    await withLogos(outbound, async (get) => {
      const waiting = Array.from({ length: 16 }, (_unused, index) => get(`OQ${index}`));
      while (asked.length < 16) await new Promise((resolve) => setTimeout(resolve, 5));
      const another = get('OQ16');
      // Should it wait all the same, it gets its picture in the end, and the test fails instead of hanging.
      setTimeout(() => release(png), 500);
      expect((await another).status).toBe(404);
      release(png);
      expect((await Promise.all(waiting)).every(({ status }) => status === 200)).toBe(true);
      expect((await get('OQ16')).status).toBe(200);
    });
  });

  it('does not fill the memory: the oldest make room', async () => {
    const large = Buffer.concat([png, Buffer.alloc(250_000)]);
    const { asked, outbound } = answering(() => large);
    await withLogos(outbound, async (get) => {
      for (let index = 0; index < 80; index++) await (await get(`OQ${index}`)).arrayBuffer();
      await get('OQ79');
      expect(asked).toHaveLength(80);
      await get('OQ0');
      expect(asked).toHaveLength(81);
    });
  });

  it('never comes from inside: an address of this network is not asked', async () => {
    const outbound = createOutbound({ allowLoopback: false, lookup: async () => [{ address: '10.0.0.1', family: 4 }] });
    await withLogos(outbound, async (get) => expect((await get('OQ1')).status).toBe(404));
  });
});

describe('A page that wants to know whether there is a logo', () => {
  it('hears yes or no', async () => {
    const { outbound } = answering((url) => (url.endsWith('good') ? png : fault));
    const logos = createClientLogos({ outbound, logoUri: byId });
    expect([await logos.has('good'), await logos.has('bad'), await logos.has('none')]).toEqual([true, false, false]);
  });

  it('does not wait long for a slow site, and has the logo the next time', async () => {
    let release: (bytes: Buffer) => void = () => undefined;
    const held = new Promise<Buffer>((resolve) => {
      release = resolve;
    });
    const logos = createClientLogos({ outbound: answering(() => held).outbound, logoUri: byId });
    const started = performance.now();
    expect(await logos.has('slow')).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
    release(png);
    expect(await logos.has('slow')).toBe(true);
  });
});
