import { VerificationError } from '../../../src/sdk/verify/index.ts';

/** What a refusal says, in short. `passed` when there was none. */
export async function refusalOf(verifying: Promise<unknown>): Promise<string> {
  const error = await errorOf(verifying);
  return error === undefined ? 'passed' : `${error.status} ${error.code} ${error.reason}`;
}

/** The refusal itself. Any other error is thrown on. */
export async function errorOf(verifying: Promise<unknown>): Promise<VerificationError | undefined> {
  try {
    await verifying;
    return undefined;
  } catch (error) {
    if (error instanceof VerificationError) return error;
    throw error;
  }
}
