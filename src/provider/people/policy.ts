import type { KoaContextWithOIDC } from 'oidc-provider';
import { interactionPolicy } from '../library.ts';
import { organizationOf } from './organization.ts';

const { base, Check, Prompt } = interactionPolicy;

/** A session may outlive its user by a moment: then somebody must sign in, as if nobody had. */
const accountGone = () =>
  new Check(
    'account_gone',
    'End-User authentication is required',
    'login_required',
    (ctx: KoaContextWithOIDC) => ctx.oidc.session?.accountId !== undefined && ctx.oidc.account === undefined,
  );

/** For which organization the user acts. A user of one organization is never asked. */
const organization = () =>
  new Prompt(
    { name: 'organization', requestable: false },
    new Check(
      'organization_unknown',
      'the user must choose an organization',
      'interaction_required',
      (ctx: KoaContextWithOIDC) => organizationOf(ctx) === undefined,
    ),
  );

/** When a person is needed, in this order: sign in, choose an organization, consent. */
export function peoplePolicy() {
  const policy = base();
  policy.get('login')?.checks.add(accountGone());
  policy.add(organization(), 1);
  const consent = policy.get('consent');
  consent?.checks.remove('rar_prompt');
  consent?.checks.remove('op_claims_missing');
  if (consent !== undefined) {
    consent.details = (ctx: KoaContextWithOIDC) => ({ organizationSid: organizationOf(ctx) });
  }
  return policy;
}
