import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeJwt } from 'jose';
import { tokenExchange } from '../../src/clients/index.ts';
import { openRegistry } from '../support/registry.ts';
import { tokenPaths } from '../support/tokens.ts';
import { asClient, machineToken, type SecretClient } from '../tokens/questions.ts';
import { anyText, frame, parameterNames } from './arbitraries.ts';
import { patience, tries } from './runs.ts';
import { openTarget, type Target } from './target.ts';
import { expectTokenOrRefusal, placesOf } from './token-answers.ts';

let target: Target;
let exchanger: SecretClient;
beforeAll(async () => {
  target = await openTarget(async (house) => {
    const registry = await openRegistry(house);
    exchanger = await registry.makeClient({
      allowedGrantTypes: ['client_credentials', tokenExchange],
      allowedScopes: ['clients:read', 'admin'],
    });
    await registry.close();
  });
});
afterAll(() => target.close());

const paths = fc.constantFrom(...tokenPaths);

describe('the token endpoint under malformed exchanges', () => {
  it(
    'answers each with a token or a refusal, and never with more than the subject token has',
    async () => {
      const subject = await machineToken(target.house.address, exchanger, { scope: 'clients:read' });
      const type = 'urn:ietf:params:oauth:token-type:';
      const value = fc.oneof(
        { weight: 3, arbitrary: anyText },
        {
          weight: 4,
          arbitrary: fc.constantFrom(
            ...placesOf(target.house),
            subject,
            `${subject}x`,
            subject.slice(0, -9),
            target.house.issuer,
          ),
        },
        { weight: 3, arbitrary: fc.constantFrom(`${type}access_token`, `${type}jwt`, `${type}id_token`, 'admin') },
      );
      const wishes = fc.dictionary(fc.constantFrom(...parameterNames.slice(5)), value, { maxKeys: 3 });
      const { headers } = asClient(exchanger);
      const good = { subject_token: subject, subject_token_type: `${type}access_token`, grant_type: tokenExchange };
      await fc.assert(
        fc.asyncProperty(paths, wishes, async (path, wish) => {
          const body = Buffer.from(JSON.stringify({ ...good, ...wish, grant_type: tokenExchange }));
          const answer = await target.attack(
            frame('POST', path, { ...headers, 'content-type': 'application/json' }, body),
          );
          expectTokenOrRefusal(answer, path);
          const { access_token: token } = JSON.parse(answer.body) as { access_token?: string };
          if (token === undefined) return;
          const { scope, org_id: organization, exp = 0 } = decodeJwt(token);
          expect([scope, organization]).toEqual(['clients:read', target.house.demo.organization_sid]);
          expect(exp).toBeLessThanOrEqual(decodeJwt(subject).exp ?? 0);
        }),
        tries(400),
      );
    },
    patience,
  );

  it('leaves the server as it was', () => target.expectUnharmed(), patience);
});
