import type { Put, Stage } from './stage.ts';

/** What the consent API answered. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Somebody's frontend: it asks with a Bearer. */
export interface Frontend {
  look(put: Pick<Put, 'token'>, bearer?: string): Promise<Answered>;
  answer(put: Pick<Put, 'token'>, bearer: string, allowed?: boolean): Promise<Answered>;
  /** Sends any body to `POST /oauth/grants`. */
  send(body: string, headers: Readonly<Record<string, string>>): Promise<Answered>;
}

export const asBearer = (credential: string) => ({ authorization: `Bearer ${credential}` });

async function read(answer: Response): Promise<Answered> {
  const body = JSON.parse(await answer.text()) as Answered['body'];
  return { status: answer.status, headers: answer.headers, body };
}

/** Opens a frontend. */
export function openFrontend({ address }: Pick<Stage, 'address'>): Frontend {
  const json = { 'content-type': 'application/json' };
  const send: Frontend['send'] = async (body, headers) =>
    read(await fetch(`${address}/oauth/grants`, { method: 'POST', body, headers: { ...json, ...headers } }));
  return {
    send,
    look: async ({ token }, bearer) =>
      read(await fetch(`${address}/oauth/consent/${token}`, { headers: bearer === undefined ? {} : asBearer(bearer) })),
    answer: ({ token }, bearer, allowed = true) =>
      send(JSON.stringify({ allowed, consent_token: token }), asBearer(bearer)),
  };
}
