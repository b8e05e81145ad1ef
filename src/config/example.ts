import type { z } from 'zod';
import { variables } from './variables.ts';

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '#';
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > width) {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

function defaultOf(variable: z.ZodType): string {
  const parsed = variable.safeParse(undefined);
  return parsed.success && parsed.data !== undefined ? String(parsed.data) : '';
}

/** The text of `.env.example`: every variable with its default, commented out, below what it does. */
export function renderExample(): string {
  const head = [
    '# Countersign: every option, with its default. Copy this file to .env and uncomment what you change.',
    '',
  ];
  const blocks = Object.entries(variables).map(([name, variable]) =>
    [...wrap(variable.description ?? '', 100), `#${name}=${defaultOf(variable)}`, ''].join('\n'),
  );
  return [...head, ...blocks].join('\n');
}
