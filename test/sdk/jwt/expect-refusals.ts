import { expect } from '@jest/globals';
import { InvalidArgumentError } from '../../../src/sdk/jwt/index.ts';

/** A call that must be refused, and in which words. */
export type Refusal = [message: string, call: () => unknown];

/** What every lifetime must be. */
export const wholeSeconds = 'must be a number of whole seconds from 1 to 86400';

/** Each call is refused as a wrong argument, in exactly these words and with the field that is at fault. */
export function expectRefusals(refusals: readonly Refusal[]): void {
  for (const [message, call] of refusals) {
    expect(call).toThrow(InvalidArgumentError);
    expect(call).toThrow(expect.objectContaining({ message, field: expect.any(String) }) as never);
  }
}
