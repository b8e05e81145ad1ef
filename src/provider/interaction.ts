import type { KoaContextWithOIDC } from 'oidc-provider';
import { errors, interactionPolicy } from './library.ts';

const refusals: Readonly<Record<string, () => Error>> = {
  login_required: () => new errors.LoginRequired('the user must be signed in'),
  consent_required: () => new errors.ConsentRequired('the user must consent'),
};

/** The client is told by redirect, as it is when it asks with `prompt=none` (OpenID Connect Core section 3.1.2.6). */
function refuse(error: string): never {
  const refusal = refusals[error]?.() ?? new errors.InteractionRequired('the user must take part');
  throw Object.assign(refusal, { status: 303, statusCode: 303, expose: true });
}

/**
 * The library's policy of when a person is needed, for a server that has no pages for people: it refuses where the
 * library would lead to one, before anything is stored.
 */
export function policyWithoutPages() {
  const policy = interactionPolicy.base();
  for (const prompt of policy) {
    for (const check of prompt.checks) {
      const { check: isNeeded } = check;
      check.check = async (ctx: KoaContextWithOIDC) => {
        if (await isNeeded(ctx)) refuse(check.error ?? '');
        return false;
      };
    }
  }
  return policy;
}

/** An authorization error that must not be redirected, since it is not known to whom. */
export function renderAuthorizationError(ctx: KoaContextWithOIDC, out: object): void {
  ctx.type = 'application/json';
  ctx.body = out;
}
