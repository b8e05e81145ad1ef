/**
 * The protocol: oidc-provider, configured, on our storage, keys, clients and resources, behind guards that read and
 * check requests first. It owns the endpoints under /oauth and /.well-known and speaks the OAuth dialect. The library's
 * Provider never leaves this folder.
 */
export { startEngine } from './engine.ts';
export { protocolLanes } from './lanes.ts';
export { protocolEndpoints } from './openapi.ts';
export type { Renderers } from './pages.ts';
export type {
  HeadlessOutcome,
  Outcome,
  PendingRequest,
  People,
  Step,
  WantedScopes,
} from './people/index.ts';
export { createProofRules, type ProofRules } from './proofs.ts';
export { protocolRoutes } from './routes.ts';
export { sessionOperations } from './sessions/routes.ts';
