import type { Context } from 'koa';
import type { Outcome } from '../../provider/index.ts';
import { choicesOf, originOf, pagesPath, withToken } from '../questions.ts';
import { keptScopes } from '../scopes.ts';
import type { InteractionParts } from '../types.ts';
import type { PageCookies } from './cookies.ts';
import { type SignInNote, sealNote } from './sign-in-note.ts';
import type { Submission } from './submission.ts';

/** Does what a form asks for. @returns where the browser goes next, by 303. */
export type Action = (ctx: Context, submission: Submission) => Promise<string>;

const deviceCookie = 'device';
const deviceCookieAge = 180 * 86_400;

/** The forms, by the last segment of their address. */
export function formActions(parts: InteractionParts, cookies: PageCookies): Readonly<Record<string, Action>> {
  const { config, people, signIn, sealer, clock } = parts;

  /** The page of the same request again: it shows whatever is due. */
  const again = ({ visit }: Submission) => withToken(`${config.issuer}${pagesPath}`, visit.question.token);

  const resolve = (ctx: Context, { visit }: Submission, outcome: Outcome) =>
    people().resolve(ctx.req, ctx.res, visit.question.request.id, outcome);

  const decline = (ctx: Context, submission: Submission) =>
    resolve(ctx, submission, { kind: 'denied', origin: originOf(ctx) });

  function askOnceMore(submission: Submission, note: SignInNote): string {
    const sealed = sealNote(sealer, submission.visit.question.request.id, note);
    return `${again(submission)}&switch=1&note=${sealed}`;
  }

  return {
    async login(ctx, submission) {
      const email = submission.field('email').trim();
      const password = submission.field('password');
      if (email === '' || password === '') return askOnceMore(submission, { reason: 'wrong', email, until: 0 });
      const result = await signIn({ email, password, device: cookies.read(ctx, deviceCookie), ...originOf(ctx) });
      if (!result.ok) {
        if (result.reason === 'wrong') return askOnceMore(submission, { reason: 'wrong', email, until: 0 });
        const until = clock() + result.retryAfter * 1000;
        return askOnceMore(submission, { reason: 'throttled', email, until, of: result.of });
      }
      cookies.write(ctx, deviceCookie, result.device, deviceCookieAge);
      return resolve(ctx, submission, { kind: 'signed_in', userSid: result.user.sid });
    },

    async organization(ctx, submission) {
      const { page, memberships } = submission.visit;
      const chosen = submission.field('organization');
      const isOwn = memberships.some(({ organizationSid }) => organizationSid === chosen);
      if (page !== 'organization' || !isOwn) return again(submission);
      return resolve(ctx, submission, { kind: 'organization_chosen', organizationSid: chosen });
    },

    async consent(ctx, submission) {
      const { page, organization, question } = submission.visit;
      if (page !== 'consent' || organization === undefined) return again(submission);
      const choices = await choicesOf(parts.resources, question.request);
      const allowed = keptScopes(question.request.wanted, choices, new Set(submission.fields('scope')));
      if (allowed.length === 0) return decline(ctx, submission);
      const { organizationSid } = organization;
      return resolve(ctx, submission, { kind: 'consented', organizationSid, allowed, origin: originOf(ctx) });
    },

    deny: decline,

    switch: async (_ctx, submission) => `${again(submission)}&switch=1`,
  };
}
