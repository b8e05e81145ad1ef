import { z } from 'zod';
import { pageParameters, sid, timestamp } from '../../api/index.ts';

const sessionId = () => z.string().regex(/^[0-9a-f]{64}$/);

export const sessionRecord = z
  .strictObject({
    id: sessionId().describe(
      'Names the session and is good for nothing else: a one-way hash of what its tokens name it by.',
    ),
    record_type: z.literal('session'),
    user_id: sid('user'),
    created_at: timestamp(),
    expires_at: timestamp(),
  })
  .meta({ id: 'Session', description: 'A browser in which a user is signed in.' });

export const sessionPath = z.strictObject({ id: sessionId() });

export const userPath = z.strictObject({ sid: sid('user') });

export const sessionQuery = z.strictObject({ ...pageParameters, 'filter[user_id]': sid('user').optional() });
