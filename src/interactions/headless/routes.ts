import type { Context, Middleware } from 'koa';
import type { z } from 'zod';
import { credentialsOf, faultsOf, refuse } from '../../api/index.ts';
import { errorBoundary, type Mount, readJsonObject, sendManagementProblem } from '../../http/index.ts';
import { originOf } from '../questions.ts';
import type { InteractionParts } from '../types.ts';
import { identifyApprover } from './approver.ts';
import { frontendOrigin } from './cors.ts';
import { answerBody } from './schemas.ts';
import { headlessConsent } from './service.ts';

const largestAnswer = 4 * 1024;

/** @throws Problem 400 or 415 for what cannot be read, 422 with every fault of what can. */
async function readAnswer(ctx: Context): Promise<z.output<typeof answerBody>> {
  const parsed = answerBody.safeParse(await readJsonObject(ctx.req, largestAnswer), { reportInput: true });
  if (parsed.success) return parsed.data;
  return refuse(faultsOf(parsed.error));
}

/**
 * The consent API: for a frontend that asks in place of the built-in pages, with a bearer credential of the user who
 * decides.
 */
export function headlessRoutes(parts: InteractionParts): Mount {
  const identify = identifyApprover(parts);
  const consent = headlessConsent(parts);
  const boundary = errorBoundary(parts.logger, sendManagementProblem);

  const look: Middleware = async (ctx) => {
    const approver = await identify(credentialsOf(ctx, largestAnswer));
    ctx.set('cache-control', 'no-store');
    ctx.body = { data: await consent.look(approver, String(ctx['params']['consent_token'])) };
  };

  const answer: Middleware = async (ctx) => {
    const approver = await identify(credentialsOf(ctx, largestAnswer));
    const { allowed, consent_token: token } = await readAnswer(ctx);
    ctx.set('cache-control', 'no-store');
    ctx.body = { redirect_uri: await consent.answer(approver, { token, allowed, origin: originOf(ctx) }) };
  };

  return function mountHeadless(router) {
    const { allow, preflight } = frontendOrigin(parts.config.consent.url);
    router.get('/oauth/consent/:consent_token', allow, boundary, look);
    router.options('/oauth/consent/:consent_token', preflight('GET'));
    router.post('/oauth/grants', allow, boundary, answer);
    router.options('/oauth/grants', preflight('POST'));
  };
}
