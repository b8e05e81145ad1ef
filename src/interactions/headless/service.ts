import { Problem } from '../../base/index.ts';
import type { HeadlessOutcome } from '../../provider/index.ts';
import { choicesOf, findQuestion } from '../questions.ts';
import type { InteractionParts, OpenQuestion, Origin } from '../types.ts';
import { type Approver, chooseOrganization, mayAllow, mayAnswer, mayLook } from './rules.ts';

/** An answer to a question, from outside the browser that began. */
export interface Answer {
  readonly token: string;
  readonly allowed: boolean;
  readonly origin: Origin;
}

/** What a frontend shows to its user. */
export interface ConsentView {
  readonly client_id: string;
  readonly name: string;
  readonly redirect_uri: string;
  readonly verified: boolean;
  readonly logo_uri: string | null;
  readonly tos_uri: string | null;
  readonly policy_uri: string | null;
  readonly requested_scopes: ReadonlyArray<{
    readonly id: string;
    readonly name: string;
    readonly description: string;
  }>;
}

export interface HeadlessConsent {
  /** @throws Problem 403, or 422 where the token is not one that this user may answer. */
  look(approver: Approver, token: string): Promise<ConsentView>;
  /** @returns the client's callback. @throws Problem 403, or 422; then nothing is spent. */
  answer(approver: Approver, answer: Answer): Promise<string>;
}

const tokenPointer = '/consent_token';

const unanswerable = (detail: string) =>
  new Problem('unprocessable', detail, { faults: [{ pointer: tokenPointer, detail }] });

const invalidToken = () => unanswerable('The consent token is not valid, has expired or has been used.');

const lacksScope = (detail: string) => new Problem('insufficient_scope', detail);

const wrongOrganization = {
  foreign: 'The user is not a member of the organization that the request names.',
  none: 'The user is a member of no organization that the client could act for.',
  several: 'The user is a member of several organizations. Name one as "organization" in the authorization request.',
} as const;

/** Why a request cannot be answered outside its browser, whoever asks. */
function refuseInBrowserOnly({ request }: OpenQuestion): void {
  const { responseMode } = request;
  if (responseMode !== 'query') {
    throw unanswerable(`The request wants its answer by ${responseMode}, which only the browser that began can send.`);
  }
  if (request.freshSignIn) {
    throw unanswerable('The request wants the user to sign in anew, which only the browser that began can do.');
  }
}

/** The questions of authorization requests, asked and answered by somebody else's frontend. */
export function headlessConsent(parts: InteractionParts): HeadlessConsent {
  const { config, consentTokens, people, users, tenants, resources } = parts;

  /** The question, for the one user who may answer it: who was signed in when it began, else who comes first. */
  async function claim({ userSid }: Approver, token: string): Promise<OpenQuestion> {
    const question = await findQuestion(parts, token);
    if (!question.ok || !(await consentTokens.bind(token, userSid))) throw invalidToken();
    refuseInBrowserOnly(question.value);
    return question.value;
  }

  async function organizationFor(approver: Approver, { request }: OpenQuestion): Promise<string> {
    const own = (await users.organizationsOf(approver.userSid)).map(({ organizationSid }) => organizationSid);
    const chosen = chooseOrganization(request.organizationSid, approver, own);
    if (!chosen.ok) throw unanswerable(wrongOrganization[chosen.fault]);
    if (!(await tenants.isWithin(chosen.value, approver.organizationSid))) {
      throw lacksScope('The API key or access token is for another organization than the request.');
    }
    return chosen.value;
  }

  /** What allowing means, after all that could speak against it. */
  async function allow(approver: Approver, question: OpenQuestion, origin: Origin): Promise<HeadlessOutcome> {
    const { wanted, clientId } = question.request;
    if (approver.clientId === clientId) throw lacksScope('A client cannot allow its own request.');
    if (!mayAllow(approver, wanted, config.issuer)) {
      throw lacksScope(
        'The request wants more than the API key or access token has. Allowing it takes the scope admin.',
      );
    }
    const organizationSid = await organizationFor(approver, question);
    return { kind: 'allowed', userSid: approver.userSid, organizationSid, allowed: wanted, origin };
  }

  return {
    async look(approver, token) {
      if (!mayLook(approver)) throw lacksScope('Looking at a request takes the scope grants:read.');
      const { client, request } = await claim(approver, token);
      const choices = await choicesOf(resources, request);
      return {
        client_id: client.clientId,
        name: client.name,
        redirect_uri: request.redirectUri,
        verified: client.verified,
        logo_uri: client.logoUri,
        tos_uri: client.tosUri,
        policy_uri: client.policyUri,
        requested_scopes: choices.map(({ value, scope, description }) => ({ id: value, name: scope, description })),
      };
    },
    async answer(approver, { token, allowed, origin }) {
      if (!mayAnswer(approver)) throw lacksScope('Answering a request takes the scope grants:write.');
      const question = await claim(approver, token);
      const outcome: HeadlessOutcome = allowed
        ? await allow(approver, question, origin)
        : { kind: 'denied', userSid: approver.userSid, origin };
      // The last thing before the deed: of any number of answers one gets past this.
      if (!(await consentTokens.spend(token, approver.userSid))) throw invalidToken();
      return people().conclude(question.request.id, outcome);
    },
  };
}
