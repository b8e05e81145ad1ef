/**
 * The pages that people see: what they say, how they look, and the headers that they travel with. A page is data of
 * `types.ts`; this folder turns it into HTML from the templates in views/, in the words of `texts.ts`, and serves what
 * the HTML needs: the stylesheet, the brand's logo and the logos of clients. It decides nothing about a request, knows
 * no session, and checks no form.
 */
export { type Brand, loadBrand } from './brand.ts';
export { createClientLogos } from './client-logos.ts';
export { createPages, type Pages } from './pages.ts';
export type { ErrorName, Texts } from './texts.ts';
export type {
  ConsentPage,
  Page,
} from './types.ts';
