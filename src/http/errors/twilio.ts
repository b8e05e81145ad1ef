import type { Problem } from '../../base/index.ts';
import type { SendProblem } from './boundary.ts';
import { setProblemHeaders } from './headers.ts';
import { faultsOf } from './management.ts';

/** A refusal as OAuth tells it (RFC 6749 section 5.2). */
interface Refusal {
  readonly error: string;
  readonly error_description?: string;
}

/**
 * The body of a refusal for Twilio's clients, who say `undefined` where there is no `message`, beside the members of the
 * other dialects: `{code, message, more_info, status, error, error_description, errors}`.
 * @param told as OAuth tells it, where that is not the problem's own. @param status of the answer.
 */
export function twilioBody(
  issuer: string,
  problem: Problem,
  told: Refusal = { error: problem.oauth },
  status = problem.status,
): object {
  const { number, detail, code } = problem;
  const more = `${issuer}/reference/errors#${code}`;
  const forTwilio = { code: number, message: detail, more_info: more, status };
  return { ...forTwilio, error_description: detail, ...told, errors: faultsOf(problem) };
}

/** What a caller of these addresses has as a credential: a client's at the token endpoint, a Bearer at the others. */
const schemeOf = ({ code }: Problem) => (code === 'invalid_client' ? 'Basic' : 'Bearer');

/** Answers in the dialect of Twilio's clients. @param issuer whose page explains the codes. */
export function sendTwilioProblem(issuer: string): SendProblem {
  return function tellTwilioClient(ctx, problem) {
    const challenge = `${schemeOf(problem)} realm="Countersign", error="${problem.oauth}"`;
    if (problem.code === 'insufficient_scope') ctx.set('www-authenticate', challenge);
    setProblemHeaders(ctx, problem, challenge);
    ctx.body = twilioBody(issuer, problem);
  };
}
