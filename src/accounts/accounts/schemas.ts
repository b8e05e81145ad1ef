import { z } from 'zod';
import { pageParameters, sid, text, timestamp } from '../../api/index.ts';
import { status } from '../schemas.ts';

const members = {
  sid: sid('account'),
  record_type: z.literal('account'),
  organization_sid: sid('organization'),
  name: z.string(),
  status: status(),
  require_validation: z
    .boolean()
    .meta({ description: 'Whether calls with its API keys count only when one of its public keys has signed them.' }),
  created_at: timestamp(),
  updated_at: timestamp(),
};

export const accountRecord = z
  .strictObject(members)
  .meta({ id: 'Account', description: 'A sub-division of an organization, with a SID and an auth token of its own.' });

export const accountWithToken = z
  .strictObject({
    ...members,
    auth_token: z.string().meta({ description: 'Signs capability tokens. In this answer and never again.' }),
  })
  .meta({ id: 'AccountWithToken', description: 'An account in the one answer that shows its auth token.' });

export const accountPath = z.strictObject({ sid: sid('account') });

export const listAccountsQuery = z.strictObject({
  ...pageParameters,
  'filter[organization_sid]': sid('organization').optional(),
  'filter[name]': text(200).optional(),
  'filter[status]': status().optional(),
});

export const createAccountBody = z.strictObject({
  name: text(200),
  organization_sid: sid('organization').optional().meta({ description: 'Default: the organization of the caller.' }),
});

export const updateAccountBody = z.strictObject({
  name: text(200).optional(),
  require_validation: z
    .boolean('must be true or false')
    .optional()
    .meta({
      description:
        'Whether every call with an API key of this account must carry a valid Twilio-Client-Validation header. Takes ' +
        'a public key of the account. Other credentials that may change the account can always turn it off again.',
    }),
});
