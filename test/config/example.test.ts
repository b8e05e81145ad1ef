import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { readConfig, renderExample } from '../../src/config/index.ts';
import { variables } from '../../src/config/variables.ts';

const file = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');

describe('.env.example', () => {
  it('is what the table of variables says (write it anew with: countersign env > .env.example)', () => {
    expect(file).toBe(renderExample());
  });

  it('names every variable once, below what it does', () => {
    const names = [...file.matchAll(/^#([A-Z_]+)=/gm)].map((match) => match[1]);
    expect(names).toEqual(Object.keys(variables));
    for (const [name, rule] of Object.entries(variables)) {
      expect(rule.description ?? `${name} has no description`).toMatch(/\.$/);
    }
  });

  it('changes nothing when it is copied as it is, and nothing when every line of it is uncommented', () => {
    const uncommented = file.replaceAll(/^#(?=[A-Z_]+=)/gm, '');
    expect(parseEnv(file)).toEqual({});
    const { config, faults } = readConfig(parseEnv(uncommented) as Record<string, string>);
    expect(faults).toEqual([]);
    expect(config).toEqual(readConfig({}).config);
  });

  it('stays within 100 columns', () => {
    expect(file.split('\n').filter((line) => line.length > 100)).toEqual([]);
  });
});
