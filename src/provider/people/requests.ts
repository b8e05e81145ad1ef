import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Interaction, Provider as LibraryProvider } from 'oidc-provider';
import { Problem } from '../../base/index.ts';
import type { ConsentOrigin, Grants } from '../../grants/index.ts';
import type { RequestCookie } from './cookie.ts';
import { toPending } from './pending.ts';
import type { HeadlessOutcome, Outcome, People } from './types.ts';

export interface PeopleParts {
  /** The provider of this moment: it is exchanged when keys change. */
  readonly provider: () => LibraryProvider;
  readonly grants: Grants;
  readonly cookie: RequestCookie;
  /** Where requests that are finished without their browser are noted. */
  readonly headless: WeakSet<IncomingMessage>;
}

const gone = () => new Problem('unprocessable', 'This authorization request has expired or was answered already.');

const denial = { error: 'access_denied', error_description: 'the user did not allow it' };

const nowSeconds = () => Math.floor(Date.now() / 1000);

/** Interactions live as long as they were given: answering one does not prolong it. */
const save = (interaction: Interaction) => interaction.save(Math.max(1, interaction.exp - nowSeconds()));

/** Another user than the one of this browser's session signs in: that session ends first, with what ends with it. */
async function leaveSession(
  provider: LibraryProvider,
  interaction: Interaction,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const session = await provider.Session.get(provider.createContext(req, res));
  await session.destroy();
  delete interaction.session;
}

/**
 * Whoever answers after the sign-in is the user of this browser's session. Where that has ended since, or is another's,
 * nobody is there who could: the page was left open.
 */
async function mustBePresent(
  provider: LibraryProvider,
  { session: began }: Interaction,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const session = await provider.Session.get(provider.createContext(req, res));
  if (session.uid !== began?.uid) throw gone();
}

/** A request and an answer without a connection, for a request that this server sends itself. */
function inProcess(issuer: string, returnTo: string) {
  const { host, protocol } = new URL(issuer);
  const { pathname, search } = new URL(returnTo);
  const req = new IncomingMessage(new Socket());
  Object.assign(req, { method: 'GET', url: pathname + search });
  Object.assign(req.headers, { host, 'x-forwarded-proto': protocol.slice(0, -1), accept: 'application/json' });
  return { req, res: new ServerResponse(req) };
}

/** The cookie that the library's resume endpoint asks for, signed as the library signs it. */
function resumeCookie(provider: LibraryProvider, uid: string): string {
  const { req, res } = inProcess(provider.issuer, provider.issuer);
  provider.createContext(req, res).cookies.set(provider.cookieName('resume'), uid, { signed: true, secure: false });
  const cookies = [res.getHeader('set-cookie') ?? []].flat();
  return cookies.map((cookie) => String(cookie).split(';')[0]).join('; ');
}

/** Lets the library finish a request whose every step has its answer. @returns where it sends the browser. */
async function finish(
  provider: LibraryProvider,
  interaction: Interaction,
  headless: WeakSet<IncomingMessage>,
): Promise<string> {
  const { req, res } = inProcess(provider.issuer, interaction.returnTo);
  req.headers.cookie = resumeCookie(provider, interaction.uid);
  headless.add(req);
  await provider.callback()(req, res);
  return String(res.getHeader('location') ?? '');
}

/** Opens the waiting requests over the library's interactions. */
export function createPeople({ provider: current, grants, cookie, headless }: PeopleParts): People {
  async function mustFind(id: string): Promise<Interaction> {
    const interaction = await current().Interaction.find(id);
    if (interaction === undefined) throw gone();
    return interaction;
  }

  /** A no of somebody who is signed in is recorded. */
  async function decline(interaction: Interaction, userSid: string | undefined, origin?: ConsentOrigin) {
    const clientId = String(interaction.params['client_id']);
    if (userSid !== undefined) await grants.decline({ userSid, clientId }, origin);
    return denial;
  }

  /** What a step adds to the answers of the steps before it. */
  async function resultOf(interaction: Interaction, outcome: Outcome): Promise<object> {
    const before = interaction.lastSubmission ?? {};
    switch (outcome.kind) {
      case 'denied':
        return decline(interaction, interaction.session?.accountId, outcome.origin);
      case 'signed_in':
        return { login: { accountId: outcome.userSid, ts: nowSeconds() } };
      case 'organization_chosen':
        return { ...before, organization: { sid: outcome.organizationSid } };
      case 'consented': {
        const { organizationSid, allowed, origin } = outcome;
        const userSid = interaction.session?.accountId;
        if (userSid === undefined) throw gone();
        const clientId = String(interaction.params['client_id']);
        await grants.allow({ userSid, clientId, organizationSid }, allowed, origin);
        return { ...before, organization: { sid: organizationSid }, consent: { organizationSid, allowed } };
      }
    }
  }

  async function headlessResult(interaction: Interaction, outcome: HeadlessOutcome): Promise<object> {
    if (outcome.kind === 'denied') return decline(interaction, outcome.userSid, outcome.origin);
    const { userSid, organizationSid, allowed, origin } = outcome;
    const clientId = String(interaction.params['client_id']);
    await grants.allow({ userSid, clientId, organizationSid }, allowed, origin);
    const login = { accountId: userSid, ts: nowSeconds() };
    return { login, organization: { sid: organizationSid }, consent: { organizationSid, allowed } };
  }

  return {
    async find(id) {
      const interaction = await current().Interaction.find(id);
      return interaction === undefined ? undefined : toPending(interaction);
    },
    beganIn: (req, id) => cookie.isIn(req, id),
    async resolve(req, res, id, outcome) {
      const interaction = await mustFind(id);
      if (outcome.kind === 'organization_chosen' || outcome.kind === 'consented') {
        await mustBePresent(current(), interaction, req, res);
      }
      const result = await resultOf(interaction, outcome);
      const present = interaction.session?.accountId;
      if (outcome.kind === 'signed_in' && present !== undefined && present !== outcome.userSid) {
        await leaveSession(current(), interaction, req, res);
      }
      interaction.result = result as NonNullable<Interaction['result']>;
      await save(interaction);
      return interaction.returnTo;
    },
    async conclude(id, outcome) {
      const interaction = await mustFind(id);
      if (toPending(interaction).responseMode !== 'query') {
        throw new Problem('unprocessable', 'This request wants its answer by form_post, which needs the browser.');
      }
      const result = await headlessResult(interaction, outcome);
      // The library compares the session of then with the browser's of now, and here there is none.
      delete interaction.session;
      interaction.result = result as NonNullable<Interaction['result']>;
      await save(interaction);
      const location = await finish(current(), interaction, headless);
      if (!location.startsWith(String(interaction.params['redirect_uri']))) {
        throw new Problem('unprocessable', 'This request cannot be finished without its browser.');
      }
      return location;
    },
  };
}
