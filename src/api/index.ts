/**
 * The kernel of the management API: what an operation is, who may call it, and how one is carried out: its parts checked
 * by schemas, in one transaction with its audit event and its repeatable answer, with ETags and pages; and the
 * description of all of them as OpenAPI. It knows no feature: each floor above describes its own operations in its
 * `routes.ts`, and the composition root hands all of them to `mountOperations`.
 */
export { type Authenticate, type Credentials, reaches, reachesAccount, requireReach } from './access.ts';
export { createExecutor, type Executor } from './execute.ts';
export { faultsOf, refuse, refuseFaults } from './faults.ts';
export { idempotencyKey } from './idempotency.ts';
export { describeApi } from './openapi/document.ts';
export type { Endpoint, JsonSchema, OpenapiDocument, OperationObject, Parameter } from './openapi/types.ts';
export { change, read } from './operation.ts';
export { offsetOf, type Page, pageOf, pageParameters } from './pages.ts';
export { type Admit, credentialsOf, managedPaths, mountOperations } from './routes.ts';
export { entryOf, flag, foreignSid, listAnswer, listOf, sid, text, timestamp, uri, uuid } from './schemas.ts';
export type { Call, Caller, Change, Operation, Origin, Role } from './types.ts';
