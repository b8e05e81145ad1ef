import { z } from 'zod';
import { pageParameters, sid, text, timestamp } from '../../api/index.ts';
import { status } from '../schemas.ts';

export const organizationRecord = z
  .strictObject({
    sid: sid('organization'),
    record_type: z.literal('organization'),
    name: z.string(),
    parent_sid: sid('organization')
      .nullable()
      .meta({ description: 'Null for a root, and where the one above is not in reach.' }),
    status: status(),
    created_at: timestamp(),
    updated_at: timestamp(),
  })
  .meta({ id: 'Organization', description: 'A tenant: its keys and tokens reach it and those beneath it.' });

export const organizationPath = z.strictObject({ sid: sid('organization') });

export const listOrganizationsQuery = z.strictObject({
  ...pageParameters,
  'filter[parent_sid]': sid('organization').optional(),
  'filter[name]': text(200).optional(),
});

export const createOrganizationBody = z.strictObject({
  name: text(200),
  parent_sid: sid('organization').nullable().optional().meta({
    description: 'What it lies beneath. Default: the organization of the caller. Null makes a root: for operators.',
  }),
});

export const updateOrganizationBody = z.strictObject({
  name: text(200).optional(),
  parent_sid: sid('organization').nullable().optional().meta({ description: 'Moves it, with all beneath it.' }),
});
