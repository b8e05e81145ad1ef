import { type Operation, read } from '../../api/index.ts';
import { accessTokenAnswer, accessTokenQuestion, accessTokenVerdict, accessTokenWish } from './schemas.ts';
import { explainAccessToken, type Minting, mintFor } from './service.ts';

const tag = 'AccessTokens';

/** Where AccessTokens are made. */
export const accessTokenPath = '/v1/access_tokens';

/** The scope that lets a caller mint. */
export const mintingScope = 'access_tokens:write';

/** AccessTokens over REST. Making one changes nothing, so nothing of it is kept. */
export function accessTokenOperations(minting: Minting): readonly Operation[] {
  return [
    read(
      {
        id: 'createAccessToken',
        method: 'post',
        path: accessTokenPath,
        tag,
        summary: 'Mint an AccessToken',
        description:
          'Signed with the secret of the API key that calls, or of the one that an organization token names. It is, to the ' +
          'byte, what an SDK makes of the same values. The token policy of the key is kept to.',
        scopes: [mintingScope],
        status: 201,
        body: accessTokenWish,
        answer: accessTokenAnswer,
      },
      ({ body, caller }) => mintFor(minting, caller, body),
    ),
    read(
      {
        id: 'verifyAccessToken',
        method: 'post',
        path: `${accessTokenPath}/verify`,
        tag,
        summary: 'Verify an AccessToken',
        description:
          'Says whether it counts, the one reason why not, and what is in it. Tokens that an SDK has made with an API key ' +
          'of yours are verified alike.',
        scopes: [mintingScope, 'tokens:introspect'],
        status: 200,
        body: accessTokenQuestion,
        answer: accessTokenVerdict,
      },
      ({ body, caller }) => explainAccessToken(minting, caller, body.token),
    ),
  ];
}
