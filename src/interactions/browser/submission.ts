import type { Context } from 'koa';
import { fault, ok, Problem, type Result } from '../../base/index.ts';
import { type Parameters, readParameters } from '../../http/index.ts';
import { findQuestion, type NoQuestion, tokenParameter } from '../questions.ts';
import type { InteractionParts } from '../types.ts';
import { type FormSeal, isSentFromOwnPage } from './csrf.ts';
import { subjectOf, type Visit, visit } from './visit.ts';

/** Why a page is not shown or a form not acted upon. */
export type Refusal = NoQuestion | 'other_site' | 'other_browser' | 'stale_form';

/** A form that may be acted upon: sent by the page that we showed, in the browser that began the request. */
export interface Submission {
  readonly visit: Visit;
  /** A field that stands in the form once; one that is missing is empty. */
  field(name: string): string;
  /** All values of a field. */
  fields(name: string): readonly string[];
}

/** A refusal, with the token that came along. */
export interface Refused {
  readonly refusal: Refusal;
  readonly token: string;
}

const largestForm = 16 * 1024;

/** @throws Problem 400, 413 or 415 for what is not a small form. */
async function readForm(ctx: Context): Promise<Parameters> {
  if (!ctx.is('application/x-www-form-urlencoded')) {
    throw new Problem('unsupported_media_type', 'Send the form as a browser does.');
  }
  return readParameters(ctx.req, largestForm);
}

function fieldsOf(form: Parameters): Pick<Submission, 'field' | 'fields'> {
  const fields = (name: string) => form.filter(([key]) => key === name).map(([, value]) => value);
  return {
    fields,
    field(name) {
      const [value = '', ...more] = fields(name);
      if (more.length > 0) throw new Problem('malformed_request', 'A field stands in the form twice.');
      return value;
    },
  };
}

/**
 * Reads a form and decides whether it counts. Nothing is changed before it does.
 * @throws Problem where it cannot even be read.
 */
export async function readSubmission(
  ctx: Context,
  parts: InteractionParts,
  seal: FormSeal,
): Promise<Result<Submission, Refused>> {
  if (!isSentFromOwnPage(ctx.headers, parts.config.issuer)) return fault({ refusal: 'other_site', token: '' });
  const form = fieldsOf(await readForm(ctx));
  const token = form.field(tokenParameter);
  const question = await findQuestion(parts, token);
  if (!question.ok) return fault({ refusal: question.fault, token });
  if (!parts.people().beganIn(ctx.req, question.value.request.id)) return fault({ refusal: 'other_browser', token });
  const seen = await visit(parts, question.value, false);
  if (!seal.fits(ctx, subjectOf(seen), form.field('csrf'))) return fault({ refusal: 'stale_form', token });
  return ok({ ...form, visit: seen });
}
