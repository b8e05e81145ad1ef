import { Problem } from '../../base/index.ts';
import type { Mount } from '../../http/index.ts';
import { authorizationParameters, settleSpelling, spellingsOf } from './rules.ts';

const spellings = spellingsOf(authorizationParameters);

/** Characters; as the authorization endpoint has it. */
const longestQuery = 8192;

/** `GET /v1/authorize`, which Twilio's first version spells in its own way, goes on as the request that it means. */
export const twilioAuthorizeRoute: Mount = (router) => {
  router.get('/v1/authorize', async (ctx) => {
    if (ctx.querystring.length > longestQuery) throw new Problem('malformed_request', 'The query is too long.');
    const settled = settleSpelling([...new URLSearchParams(ctx.querystring)], spellings, 'any');
    if (!settled.ok) throw new Problem('malformed_request', settled.fault);
    const query = new URLSearchParams(settled.value.map(([name, value]): [string, string] => [name, value]));
    ctx.set('cache-control', 'no-store');
    ctx.status = 303;
    ctx.redirect(`/oauth/authorize?${query}`);
  });
};
