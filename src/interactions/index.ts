/**
 * The person in the loop: the pages that sign in, choose an organization and ask for consent, and the API by which
 * somebody else's frontend does the same. It decides which question comes and who may answer it; what the answer brings
 * is the protocol's business. Others take the routes and the URL that the protocol sends browsers to.
 */
import type { Mount } from '../http/index.ts';
import { browserRoutes } from './browser/routes.ts';
import { headlessRoutes } from './headless/routes.ts';
import type { InteractionParts } from './types.ts';

export { consentEndpoints } from './headless/schemas.ts';
export { createClientLogos, createPages, loadBrand } from './pages/index.ts';
export { questionUrl } from './questions.ts';
export { createRenderers } from './renderers.ts';
export type { InteractionParts } from './types.ts';

/** Adds the pages for people and the consent API. */
export function interactionRoutes(parts: InteractionParts): Mount {
  const mounts = [browserRoutes(parts), headlessRoutes(parts)];
  return function mountInteractions(router) {
    for (const mount of mounts) mount(router);
  };
}
