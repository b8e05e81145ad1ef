import type { Context, Middleware } from 'koa';
import { signInDuration } from '../../accounts/index.ts';
import { Problem } from '../../base/index.ts';
import type { Config } from '../../config/index.ts';
import { errorBoundary, type Mount, type SendProblem } from '../../http/index.ts';
import { limitFields } from '../../limits/index.ts';
import { choicesOf, findQuestion, originOf, pagesPath, tokenParameter, withToken } from '../questions.ts';
import type { InteractionParts } from '../types.ts';
import { type Action, formActions } from './actions.ts';
import { pageCookies } from './cookies.ts';
import { type FormSeal, formSeal } from './csrf.ts';
import { openNote, type SignInNote } from './sign-in-note.ts';
import { type Refused, readSubmission } from './submission.ts';
import { pageFor, refusals, secondsLeft, toldOf } from './view.ts';
import { subjectOf, visit } from './visit.ts';

/** The value of a parameter that stands in the URL once; an absent one is empty. */
function single(ctx: Context, name: string): string {
  const value = ctx.query[name] ?? '';
  if (Array.isArray(value)) throw new Problem('not_found', 'The address is not complete.');
  return value;
}

/** Problems as pages. */
function sendProblemPage({ pages }: InteractionParts): SendProblem {
  return (ctx, problem) => {
    const { status, error } = toldOf(problem);
    ctx.set({ ...problem.headers });
    if (status === 503) ctx.set('retry-after', '1');
    const detail = status >= 500 ? undefined : problem.detail;
    pages.send(ctx, status, { kind: 'error', error, detail, requestId: originOf(ctx).requestId, link: undefined });
  };
}

/** A page that is only out of date is offered anew; where the request is over, the way leads through the application. */
function sendRefusal({ pages, config }: InteractionParts, ctx: Context, { refusal, token }: Refused): void {
  const { status, error } = refusals[refusal];
  const href = withToken(`${config.issuer}${pagesPath}`, token);
  const link = refusal === 'stale_form' ? ({ to: 'start', href } as const) : undefined;
  pages.send(ctx, status, { kind: 'error', error, detail: undefined, requestId: originOf(ctx).requestId, link });
}

/** What the headers say of a limit on signing in. @param wait seconds. */
function throttled(config: Config['signIn'], note: SignInNote | undefined, wait: number) {
  const of = note?.of ?? 'address';
  const points = of === 'address' ? config.attemptsPerAddress : config.attemptsPerAccount;
  const spent = { allowed: false, remaining: 0, resetAfter: wait };
  return limitFields(`sign-in-${of}`, { points, duration: signInDuration }, spent);
}

/** Shows what is due for a request. Nothing is changed by it. */
function showPage(parts: InteractionParts, seal: FormSeal): Middleware {
  return async function showInteraction(ctx) {
    const token = single(ctx, tokenParameter);
    if (token === '') throw new Problem('not_found', 'The address lacks its consent_token.');
    const question = await findQuestion(parts, token);
    if (!question.ok) return sendRefusal(parts, ctx, { refusal: question.fault, token });
    const { request } = question.value;
    const seen = await visit(parts, question.value, single(ctx, 'switch') === '1');
    // A sign-in form tells nothing of anybody. Every other page names the user, so it is for their browser only.
    if (seen.page !== 'login' && !parts.people().beganIn(ctx.req, request.id)) {
      return sendRefusal(parts, ctx, { refusal: 'other_browser', token });
    }
    const now = parts.clock();
    const note = openNote(parts.sealer, request.id, single(ctx, 'note'));
    const choices = seen.page === 'consent' ? await choicesOf(parts.resources, request) : [];
    const wait = secondsLeft(note, now);
    if (wait > 0) ctx.set({ ...throttled(parts.config.signIn, note, wait) });
    const csrf = seal.issue(ctx, subjectOf(seen));
    const hasLogo = await parts.logos.has(request.clientId);
    return parts.pages.send(ctx, wait > 0 ? 429 : 200, pageFor(seen, { csrf, hasLogo, note, choices, now }));
  };
}

/** Takes a form. Whatever it does, the browser is sent on with 303, so that reloading does not repeat it. */
function takeForm(parts: InteractionParts, seal: FormSeal, action: Action): Middleware {
  return async function takeInteractionForm(ctx) {
    const submission = await readSubmission(ctx, parts, seal);
    if (!submission.ok) return sendRefusal(parts, ctx, submission.fault);
    const next = await action(ctx, submission.value);
    ctx.status = 303;
    ctx.set({ location: next, 'cache-control': 'no-store' });
    ctx.body = '';
  };
}

/** Somebody who loads the address of a form gets a page that helps, like at every other address for people. */
const formOnly: Middleware = () => {
  throw new Problem('method_not_allowed', 'Forms are sent to this address.', { headers: { allow: 'POST' } });
};

/** The built-in pages and their forms. */
export function browserRoutes(parts: InteractionParts): Mount {
  const cookies = pageCookies(parts.config.issuer);
  const seal = formSeal(parts.sealer, cookies);
  const boundary = errorBoundary(parts.logger, sendProblemPage(parts));
  return function mountPages(router) {
    router.get(pagesPath, boundary, showPage(parts, seal));
    for (const [name, action] of Object.entries(formActions(parts, cookies))) {
      router.post(`${pagesPath}/${name}`, boundary, takeForm(parts, seal, action));
      router.get(`${pagesPath}/${name}`, boundary, formOnly);
    }
  };
}
