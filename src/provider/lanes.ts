import type { IncomingHttpHeaders } from 'node:http';
import type { Config } from '../config/index.ts';
import type { FormLane, LaneAnswer, Parameters, QueryLane } from '../http/index.ts';
import { authorizationLane } from './browser-routes.ts';
import { noting } from './client-failures.ts';
import type { ProtocolEngine } from './engine.ts';
import { type BearerPolicy, settleRequest } from './parameter-guard.ts';
import { type TokenAddress, tokenPath } from './token-addresses.ts';

export interface ProtocolLanes {
  readonly config: Pick<Config, 'http'>;
  readonly engine: Pick<ProtocolEngine, 'plainToken' | 'plainAuthorization' | 'endpoints' | 'failures'>;
  /** Further addresses of the token endpoint. */
  readonly tokenAddresses?: readonly TokenAddress[];
}

/** How an address is asked and answers, where it is not as the protocol has it. */
type Manners = Pick<TokenAddress, 'settle' | 'status'>;

const plainManners: Manners = { settle: (_headers, parameters) => parameters, status: 200 };

/** Answers a settled request, an empty text for nothing; or leaves it to the library. */
type Plain = (
  headers: IncomingHttpHeaders,
  parameters: Parameters,
  address: string,
) => Promise<object | '' | undefined>;

/** As the library's answers have them. */
const headers = ['cache-control', 'no-store', 'vary', 'Origin', 'content-type'];
const json = [...headers, 'application/json; charset=utf-8'];
const empty: LaneAnswer = { headers: [...headers, 'text/plain; charset=utf-8'], body: '' };

/**
 * The express lanes of the protocol: the plain cases of four endpoints, whose routes answer whatever is not plain. The
 * guards are the same.
 */
export function protocolLanes({
  config,
  engine,
  tokenAddresses = [],
}: ProtocolLanes): ReadonlyArray<FormLane | QueryLane> {
  const { endpoints, failures } = engine;
  const { introspection, revocation } = endpoints.plain;

  function lane(path: string, bearer: BearerPolicy, plain: Plain, manners = plainManners): FormLane {
    const { settle, status } = manners;
    return {
      path,
      reads: 'parameters',
      maxBytes: config.http.maxBodyBytes,
      admit: failures.refuseAddress,
      answer(req, asked, address) {
        let claim = { headers: req.headers, parameters: asked };
        return noting(
          failures,
          address,
          () => claim,
          async () => {
            const parameters = settle(req.headers, asked, '');
            claim = { headers: req.headers, parameters };
            settleRequest(req, parameters, bearer);
            failures.refuseClient(address, claim);
            const answer = await plain(req.headers, parameters, address);
            if (answer === undefined) return undefined;
            return answer === '' ? empty : { status, headers: json, body: JSON.stringify(answer) };
          },
        );
      },
    };
  }

  const token: Plain = (headers, parameters) => engine.plainToken(headers, parameters);
  return [
    lane(tokenPath, 'mistake', token),
    ...tokenAddresses.map((address) => lane(address.path, 'mistake', token, address)),
    lane('/oauth/introspect', 'caller', introspection),
    lane('/oauth/revoke', 'mistake', revocation),
    authorizationLane(engine.plainAuthorization),
  ];
}
