import { expect, it } from '@jest/globals';
import { fault, ok } from '../../src/base/index.ts';
import type { Outbound } from '../../src/outbound/index.ts';
import { keyFetch } from '../../src/provider/key-fetch.ts';

const minute = 60_000;

/** A site of a client's that answers as it is told, in place of the network. */
function openSite(cacheControl?: string) {
  const site = { asked: 0, isUp: true, now: 1_000 };
  const outbound: Outbound = {
    async fetch(url) {
      site.asked += 1;
      if (!site.isUp) return fault({ reason: 'unreachable', detail: 'ECONNREFUSED' });
      const headers = cacheControl === undefined ? {} : { 'cache-control': cacheControl };
      return ok({ url, headers, body: Buffer.from(`answer ${site.asked}`) });
    },
  };
  const fetchKeys = keyFetch(outbound, () => site.now);
  const get = async (url = 'https://keys.example/') => (await fetchKeys(url)).text();
  return { site, get };
}

it.each([
  ['nothing of it', undefined, 1],
  ['that it is for a second', 'max-age=1', 1],
  ['that it is for ten minutes', 'public, max-age=600', 10],
  ['that it is for a year', 'max-age=31536000, immutable', 60],
])('keeps a key set for a minute at least and an hour at most where its site says %s', async (_says, says, minutes) => {
  const { site, get } = openSite(says);
  expect(await get()).toBe('answer 1');
  site.now += minutes * minute - 1_000;
  expect(await get()).toBe('answer 1');
  site.now += 2_000;
  expect(await get()).toBe('answer 2');
});

it('remembers a failure for half a minute, and says no more of it than what kind it is', async () => {
  const { site, get } = openSite();
  site.isUp = false;
  await expect(get()).rejects.toThrow(/unreachable$/);
  site.now += 29_000;
  await expect(get()).rejects.toThrow(/unreachable$/);
  expect(site.asked).toBe(1);
  site.isUp = true;
  site.now += 2_000;
  expect(await get()).toBe('answer 2');
});

it('asks a site once for all who wait, and no more than 64 sites at once', async () => {
  const { site, get } = openSite();
  expect(await Promise.all([get(), get(), get()])).toEqual(Array(3).fill('answer 1'));
  const asking = Array.from({ length: 70 }, (_, index) => get(`https://keys.example/${index}`));
  const outcomes = await Promise.allSettled(asking);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(64);
  expect(site.asked).toBe(65);
  expect(await get('https://keys.example/69')).toBe('answer 66');
});
