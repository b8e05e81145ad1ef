import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../support/house.ts';
import { recipes } from './recipes.ts';
import { openScene, type Scene } from './scene.ts';

let house: House;
let scene: Scene;
beforeAll(async () => {
  house = await openHouse();
  scene = await openScene(house, recipes);
});
afterAll(() => house.close());

describe('every operation of the document', () => {
  it('has a recipe, and every recipe an operation', () => {
    const documented = scene.operations.map(({ id }) => id).sort();
    expect(Object.keys(recipes).sort()).toEqual(documented);
  });

  it.each(Object.keys(recipes))('answers as the document says: %s', async (id) => {
    const { success, answer: said } = scene.operation(id);
    const answer = await scene.call(id);
    expect({ status: answer.status, text: answer.status === success ? '' : answer.text }).toEqual({
      status: success,
      text: '',
    });
    if (said === undefined) return;
    expect(answer.headers.get('content-type')?.split(';')[0]).toBe(said.mediaType);
    const isLines = said.mediaType === 'application/x-ndjson';
    const records = isLines
      ? answer.text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line))
      : [answer.body];
    for (const record of records) expect(said.schema?.safeParse(record).error?.issues).toBeUndefined();
  });

  it('refuses whoever has no credential as the document says', async () => {
    for (const { id, refusals, refusal } of scene.operations.filter(({ managed }) => managed)) {
      const { path, init } = await scene.prepare(id);
      const { authorization: _credential, ...headers } = init.headers;
      const answer = await fetch(`${house.address}${path}`, { ...init, headers });
      expect([id, answer.status]).toEqual([id, 401]);
      expect(refusals).toContain(401);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /);
      expect(refusal(401).safeParse(await answer.json()).error?.issues).toBeUndefined();
    }
  }, 120_000);
});
