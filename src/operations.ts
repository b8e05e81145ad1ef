import { createTenantDirectory, tenantOperations } from './accounts/index.ts';
import type { Operation } from './api/index.ts';
import { auditOperations } from './audit/index.ts';
import type { Clock, Sealer } from './base/index.ts';
import { clientOperations } from './clients/index.ts';
import type { Config } from './config/index.ts';
import { grantOperations } from './grants/index.ts';
import { createIssuer, type Issuer } from './issuer/index.ts';
import { signingKeyOperations } from './keys/index.ts';
import { sessionOperations } from './provider/index.ts';
import { managementScopes, resourceOperations } from './resources/index.ts';
import type { Store } from './store/index.ts';

/** What the operations work with. */
export interface OperationParts {
  readonly config: Config;
  readonly store: Store;
  readonly sealer: Sealer;
  readonly clock: Clock;
  /** What a server has already. Default: opened here. */
  readonly issuer?: Pick<Issuer, 'operations'>;
}

/** At the command line nobody looks at metrics. */
const unmeasured = { cache: () => undefined };

/** Every operation of the management API, for HTTP and the command line alike. */
export function managementOperations(parts: OperationParts): readonly Operation[] {
  const { config, store, sealer, clock } = parts;
  const scopeNames = managementScopes.map(({ name }) => name);
  const { management, sql } = store;
  const openIssuer = () =>
    createIssuer({ config, sql, sealer, clock, tenants: createTenantDirectory(store, config, unmeasured, clock) });
  const { operations: issuing } = parts.issuer ?? openIssuer();
  return [
    ...clientOperations({ management, clock, managementScopes: scopeNames }),
    ...tenantOperations({ sql, sealer, scopeNames }),
    ...resourceOperations({ config, management }),
    ...grantOperations(sql),
    ...sessionOperations(sql),
    ...signingKeyOperations({ config, sql, sealer, clock }),
    ...issuing,
    ...auditOperations(sql),
  ];
}
