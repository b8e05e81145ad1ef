import { z } from 'zod';
import { pageParameters, sid, text, timestamp } from '../../api/index.ts';
import { maxPasswordBytes, normalizeEmail } from '../rules.ts';
import { role, status } from '../schemas.ts';

/** One `@` with something on both sides: what more there is to an address only its mail server knows. */
const addressForm = /^[^\s@]+@[^\s@]+$/;

const email = () =>
  text(254)
    .refine((value) => addressForm.test(normalizeEmail(value) ?? ''), 'must be an e-mail address')
    .meta({ description: 'Kept in lower case.' });

const password = () => text(maxPasswordBytes);

export const userRecord = z
  .strictObject({
    sid: sid('user'),
    record_type: z.literal('user'),
    email: z.string(),
    email_verified: z.boolean(),
    name: z.string(),
    has_password: z.boolean().meta({ description: 'Whether they can sign in with a password.' }),
    status: status(),
    created_at: timestamp(),
    updated_at: timestamp(),
  })
  .meta({ id: 'User', description: 'A person, who may be a member of several organizations.' });

export const userPath = z.strictObject({ sid: sid('user') });

export const listUsersQuery = z.strictObject({
  ...pageParameters,
  'filter[email]': text(254).optional(),
  'filter[organization_sid]': sid('organization').optional(),
});

export const createUserBody = z.strictObject({
  email: email(),
  name: text(200),
  password: password()
    .optional()
    .meta({ description: 'Without one nobody signs in as this user until it is set by an update.' }),
  email_verified: z.boolean().optional().meta({ description: 'Default: false. Only an operator sets it to true.' }),
  organization_sid: sid('organization')
    .optional()
    .meta({ description: 'Where they become a member. Default: the organization of the caller.' }),
  role: role().default('viewer'),
});

export const updateUserBody = z.strictObject({
  name: text(200).optional(),
  email: email().optional().meta({ description: 'Another one counts as not verified.' }),
  email_verified: z.boolean().optional().meta({ description: 'Only an operator sets it to true.' }),
  password: password().optional().meta({ description: 'Ends all sessions and tokens of the user.' }),
});

export const membershipRecord = z
  .strictObject({
    record_type: z.literal('membership'),
    organization_sid: sid('organization'),
    user_sid: sid('user'),
    email: z.string(),
    name: z.string(),
    role: role(),
    created_at: timestamp(),
  })
  .meta({ id: 'Membership', description: 'A person’s place in an organization; it counts in those beneath too.' });

export const membershipPath = z.strictObject({ sid: sid('organization'), user_sid: sid('user') });

export const listMembershipsQuery = z.strictObject(pageParameters);

export const membershipBody = z.strictObject({ role: role() });

export const invitationBody = z.strictObject({ email: email(), role: role().default('viewer') });
