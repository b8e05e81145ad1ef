import { InvalidArgumentError } from '../errors.ts';

/**
 * @param field the option that the headers come from.
 * @throws InvalidArgumentError for what cannot be sent, without repeating it as the platform does: it may be a secret.
 */
export function headersOf(field: string, headers: Readonly<Record<string, string>>): Headers {
  try {
    return new Headers(headers);
  } catch {
    throw new InvalidArgumentError(field, 'must give headers that can be sent, without line breaks.');
  }
}
