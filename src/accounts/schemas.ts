import { z } from 'zod';

/** Whether a tenant or a person may act. */
export const status = () => z.enum(['active', 'suspended'], 'must be active or suspended');

/** What a member may do. */
export const role = () =>
  z.enum(['owner', 'admin', 'developer', 'viewer'], 'must be owner, admin, developer or viewer').meta({
    description:
      'From all (`owner`) to looking only (`viewer`). Only owners make and unmake owners. What concerns an owner or an ' +
      'admin takes the scope `admin`.',
  });
