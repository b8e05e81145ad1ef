import type { Credentials } from '../api/index.ts';
import { Problem } from '../base/index.ts';
import { createFinder } from './find.ts';
import { createRefusals } from './refusals.ts';
import type { Identification, IdentificationParts, Identity, Refusal } from './types.ts';

const isRefusal = (found: Identity | Refusal): found is Refusal => 'counts' in found;

/** Prepares the finding out of whose credential a request carries. */
export function createIdentification(parts: IdentificationParts): Identification {
  const { config, proofs, failures } = parts;
  const find = createFinder(parts);
  const { invalid } = createRefusals(config.issuer, proofs.algorithms);

  /** Passes on whoever will do; the rest is refused, and counted for its address. */
  async function identify(credentials: Credentials, willDo: (identity: Identity) => boolean): Promise<Identity> {
    const subject = { address: credentials.address };
    failures.check(() => subject);
    const found = await find(credentials);
    const end = isRefusal(found) || willDo(found) ? found : invalid;
    if (!isRefusal(end)) return end;
    if (end.counts) failures.note(subject);
    throw new Problem('invalid_token', end.detail, { headers: end.headers });
  }

  return {
    anybody: (credentials) => identify(credentials, () => true),
    async user(credentials) {
      const identity = await identify(credentials, ({ userSid }) => userSid !== undefined);
      return identity as Identity & { readonly userSid: string };
    },
  };
}
