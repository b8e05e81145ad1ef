import { createHash } from 'node:crypto';
import { type House, openHouse } from '../../support/house.ts';
import { openPerson } from '../../support/person.ts';
import { openRegistry } from '../../support/registry.ts';
import { type Answer, askWithForm, askWithJson } from '../../support/tokens.ts';

/** A resource that accepts clients which registered themselves. Its scope is `notes:read`. */
export const resource = 'https://notes.example.com/mcp';
/** One of somebody who does not. Its scope is `inner`. */
export const innerResource = 'https://inner.example.com';
export const callback = 'https://app.example.com/callback';

type Fields = Readonly<Record<string, string>>;

/** A house at which clients register themselves and get tokens. */
export interface Desk {
  readonly house: House;
  register(body: unknown, headers?: Fields): Promise<Answer>;
  /** The code for a client that a person allows all that it asks for; else a sentence with the callback in it. */
  codeFor(clientId: string, more?: Fields): Promise<string>;
  redeem(code: string, fields: Fields, headers?: Fields): Promise<Answer>;
  close(): Promise<void>;
}

const verifier = 'v'.repeat(43);
const challenge = createHash('sha256').update(verifier).digest('base64url');

export async function openDesk(): Promise<Desk> {
  const house = await openHouse();
  const registry = await openRegistry(house);
  await registry.makeResource({ identifier: resource, scopes: ['notes:read'], acceptsRegisteredClients: true });
  await registry.makeResource({ identifier: innerResource, scopes: ['inner'] });
  await registry.close();
  return {
    house,
    register: (body, headers = {}) => askWithJson(`${house.issuer}/oauth/register`, body, headers),
    async codeFor(clientId, more = {}) {
      const end = await openPerson(house).authorize({
        client_id: clientId,
        response_type: 'code',
        redirect_uri: callback,
        code_challenge: challenge,
        code_challenge_method: 'S256',
        resource,
        ...more,
      });
      return end.searchParams.get('code') ?? `no code: ${end}`;
    },
    redeem(code, fields, headers = {}) {
      const grant = { grant_type: 'authorization_code', code, redirect_uri: callback, code_verifier: verifier };
      return askWithForm(`${house.issuer}/oauth/token`, { ...grant, ...fields }, headers);
    },
    close: () => house.close(),
  };
}

/** The members of a refused registration that are wrong. */
export const fieldsOf = ({ body }: Answer) => Object.keys(body['invalid_fields'] as object);
