import type { IncomingMessage } from 'node:http';
import { newSecret, Problem } from '../../src/base/index.ts';
import type { HeadlessOutcome, Outcome, PendingRequest, People } from '../../src/provider/index.ts';

/** What was done with a request. */
export interface Deed {
  readonly id: string;
  readonly outcome: Outcome | HeadlessOutcome;
}

/** Requests that wait for a person, kept in memory, as the protocol would keep them. */
export interface WaitingPeople extends People {
  readonly deeds: readonly Deed[];
  /** Adds a request, for a client that asks for `openid` and `clients:read`, unless it says otherwise. */
  add(wish: Partial<PendingRequest> & Pick<PendingRequest, 'clientId'>): PendingRequest;
  finish(id: string): void;
  /** Lets the next call of one kind fail. */
  failNext(call: 'find' | 'resolve' | 'conclude', problem: Problem): void;
}

/** The cookie by which a browser shows that it began a request. */
export const beganCookie = 'began';

const cookieOf = (req: IncomingMessage) => new RegExp(`${beganCookie}=([\\w-]+)`).exec(req.headers.cookie ?? '')?.[1];

/** Opens a waiting room. */
export function waitingPeople(issuer: string): WaitingPeople {
  const waiting = new Map<string, PendingRequest>();
  const deeds: Deed[] = [];
  const failures = new Map<string, Problem>();

  function failIfTold(call: string): void {
    const problem = failures.get(call);
    failures.delete(call);
    if (problem !== undefined) throw problem;
  }

  function act(id: string, outcome: Deed['outcome']): PendingRequest {
    const request = waiting.get(id);
    if (request === undefined) throw new Problem('unprocessable', 'The request is gone.');
    deeds.push({ id, outcome });
    return request;
  }

  return {
    deeds,
    add(wish) {
      const request: PendingRequest = {
        id: newSecret(),
        step: 'consent',
        redirectUri: 'https://app.example/callback',
        responseMode: 'query',
        loginHint: undefined,
        userSid: undefined,
        organizationSid: undefined,
        wanted: [
          { resource: undefined, scopes: ['openid', 'email'] },
          { resource: issuer, scopes: ['clients:read'] },
        ],
        freshSignIn: false,
        expiresAt: Math.floor(Date.now() / 1000) + 600,
        ...wish,
      };
      waiting.set(request.id, request);
      return request;
    },
    finish: (id) => void waiting.delete(id),
    failNext: (call, problem) => void failures.set(call, problem),
    async find(id) {
      failIfTold('find');
      return waiting.get(id);
    },
    beganIn: (req, id) => cookieOf(req) === id,
    async resolve(_req, _res, id, outcome) {
      failIfTold('resolve');
      act(id, outcome);
      return `${issuer}/oauth/authorize/${id}`;
    },
    async conclude(id, outcome) {
      failIfTold('conclude');
      const { redirectUri } = act(id, outcome);
      waiting.delete(id);
      return `${redirectUri}?${outcome.kind === 'denied' ? 'error=access_denied' : 'code=1'}`;
    },
  };
}
