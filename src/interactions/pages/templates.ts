import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';

/** The same distance from src/ and from dist/. */
const directory = new URL('../../../views/', import.meta.url);

/** Fills a template by its name. Everything is escaped but what a template puts out raw on purpose. */
export type Renderer = (template: string, data: object) => string;

/** The one stylesheet of the pages, as it is in views/. */
export function readStylesheet(): string {
  return readFileSync(new URL('pages.css', directory), 'utf8');
}

/** Compiles every template at once, so that one that is missing or broken shows at the start. */
export function compileTemplates(): Renderer {
  const eta = new Eta({ autoEscape: true, autoTrim: [false, 'nl'] });
  for (const file of readdirSync(fileURLToPath(directory))) {
    if (!file.endsWith('.eta')) continue;
    eta.loadTemplate(`@${file.slice(0, -'.eta'.length)}`, readFileSync(new URL(file, directory), 'utf8'));
  }
  return (template, data) => eta.render(`@${template}`, data);
}
