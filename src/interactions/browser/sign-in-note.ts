import { SealError, type Sealer } from '../../base/index.ts';

/** Why the last sign-in did not succeed, carried in the URL from the form's answer to the page that follows. */
export interface SignInNote {
  readonly reason: 'wrong' | 'throttled';
  /** What was typed, so that nobody types it twice. */
  readonly email: string;
  /** When it may be tried again, in milliseconds since the epoch; 0 is at once. */
  readonly until: number;
  /** Whose limit it is that has been reached. */
  readonly of?: 'address' | 'account';
}

const purpose = 'sign-in note';
const longestEmail = 254;

/** Sealed and bound to its request: nobody can make a page say something, and the address stays out of histories. */
export function sealNote(sealer: Sealer, requestId: string, note: SignInNote): string {
  const email = note.email.length <= longestEmail ? note.email : '';
  return sealer.seal(purpose, requestId, Buffer.from(JSON.stringify({ ...note, email }))).toString('base64url');
}

/** @returns nothing for what is not a note of ours on this request. */
export function openNote(sealer: Sealer, requestId: string, value: string): SignInNote | undefined {
  try {
    const text = sealer.open(purpose, requestId, Buffer.from(value, 'base64url')).toString('utf8');
    return JSON.parse(text) as SignInNote;
  } catch (error) {
    if (error instanceof SealError) return undefined;
    throw error;
  }
}
