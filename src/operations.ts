import type { Operation } from './api/index.ts';
import type { Clock, Sealer } from './base/index.ts';
import type { Config } from './config/index.ts';
import type { Store } from './store/index.ts';

/** What the operations work with. */
export interface OperationParts {
  readonly config: Config;
  readonly store: Store;
  readonly sealer: Sealer;
  readonly clock: Clock;
}

/** Every operation of the management API, for HTTP and the command line alike. */
export function managementOperations(_parts: OperationParts): readonly Operation[] {
  return [];
}
