import { describe, expect, it } from '@jest/globals';
import { keptScopes, scopeChoices } from '../../src/interactions/scopes.ts';

const api = 'https://api.example/';
const faces = new Map([[api, { name: 'Example API', descriptions: new Map([['read', 'Read all']]) }]]);
const wanted = [
  { resource: undefined, scopes: ['openid', 'email'] },
  { resource: api, scopes: ['read', 'write'] },
];
const choices = scopeChoices(wanted, faces);
const keep = (...values: string[]) => keptScopes(wanted, choices, new Set(values));

describe('what a client asks for', () => {
  it('is told scope by scope, with the words of its resource', () => {
    expect(choices).toEqual([
      { value: 'openid', scope: 'openid', description: 'Know that it is you', resource: undefined, required: true },
      { value: 'email', scope: 'email', description: 'See your email address', resource: undefined, required: false },
      {
        value: `${api} read`,
        scope: 'read',
        description: 'Read all',
        resource: { identifier: api, name: 'Example API' },
        required: false,
      },
      {
        value: `${api} write`,
        scope: 'write',
        description: 'write',
        resource: { identifier: api, name: 'Example API' },
        required: false,
      },
    ]);
  });

  it('goes by the identifier where nobody knows the resource any more', () => {
    const [choice] = scopeChoices([{ resource: 'https://gone.example/', scopes: ['read'] }], faces);
    expect(choice).toMatchObject({ description: 'read', resource: { name: 'https://gone.example/' } });
  });

  it('is all or nothing where a form could not hold it', () => {
    const many = Array.from({ length: 41 }, (_, index) => `scope-${index}`);
    expect(scopeChoices([{ resource: api, scopes: many }], faces).every(({ required }) => required)).toBe(true);
    expect(scopeChoices([{ resource: api, scopes: many.slice(1) }], faces).some(({ required }) => required)).toBe(
      false,
    );
  });
});

describe('what stays of it', () => {
  it('is what was kept, and what is required', () => {
    expect(keep('email', `${api} write`)).toEqual([
      { resource: undefined, scopes: ['openid', 'email'] },
      { resource: api, scopes: ['write'] },
    ]);
    expect(keep()).toEqual([{ resource: undefined, scopes: ['openid'] }]);
  });

  it('is never more than was wanted, whatever a form says', () => {
    const smuggled = [
      'admin',
      `${api} admin`,
      'read',
      'https://other.example/ read',
      `${api}  read`,
      `${api} read write`,
      '',
    ];
    expect(keep(...smuggled)).toEqual([{ resource: undefined, scopes: ['openid'] }]);
    const all = [
      { resource: undefined, scopes: ['openid', 'email'] },
      { resource: api, scopes: ['read', 'write'] },
    ];
    expect(keep(...smuggled, 'openid', 'email', `${api} read`, `${api} write`)).toEqual(all);
  });

  it('is nothing where nothing is required and nothing was kept', () => {
    const only = [{ resource: api, scopes: ['read'] }];
    expect(keptScopes(only, scopeChoices(only, faces), new Set())).toEqual([]);
  });
});
