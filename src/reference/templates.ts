import { readFileSync } from 'node:fs';
import { Eta } from 'eta';

/** The same distance from src/ and from dist/. */
const directory = new URL('../../views/reference/', import.meta.url);

const read = (file: string) => readFileSync(new URL(file, directory), 'utf8');

const names = ['layout', 'members', 'operation', 'reference', 'errors'] as const;

/** Fills a template by its name. Everything is escaped but what a template puts out raw on purpose. */
export type Renderer = (template: 'reference' | 'errors', data: object) => string;

/** Compiles the templates of the reference at once, so that one that is broken shows at the start. */
export function compileTemplates(): Renderer {
  const eta = new Eta({ autoEscape: true, autoTrim: [false, 'nl'] });
  for (const name of names) eta.loadTemplate(`@${name}`, read(`${name}.eta`));
  return (template, data) => eta.render(`@${template}`, data);
}

/** What the reference's look adds to that of the other pages. */
export const readStylesheet = (): string => read('reference.css');
