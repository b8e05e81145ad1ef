import { isLongForm } from './scale.ts';
import type { Tally } from './volley.ts';

interface Counts {
  rounds: number;
  requests: number;
  readonly answers: Map<string, number>;
  readonly notes: Map<string, number>;
  readonly started: number;
  ended: number;
}

/** What the races of one suite came to, by the name of each. */
export interface Figures {
  /** Begins a race; until then no time runs. */
  start(race: string): void;
  /** Adds a round. */
  round(race: string, answers: Tally): void;
  /** Counts something else that happened in a race. */
  note(race: string, what: string, times?: number): void;
  /** Writes a table on standard output, in the long form only. */
  print(title: string): void;
}

const listed = (counts: ReadonlyMap<string, number>) => [...counts].sort().map(([what, times]) => `${times} x ${what}`);

function add(counts: Map<string, number>, what: string, times: number): void {
  counts.set(what, (counts.get(what) ?? 0) + times);
}

function toLine(race: string, { rounds, requests, answers, notes, started, ended }: Counts): string {
  const seconds = `${((ended - started) / 1000).toFixed(1)} s`;
  const head = `${race.padEnd(34)} ${String(rounds).padStart(6)} ${String(requests).padStart(9)} ${seconds.padStart(9)}`;
  return `${head}   ${[...listed(answers), ...listed(notes)].join(', ')}`;
}

/** Starts counting. */
export function keepFigures(): Figures {
  const races = new Map<string, Counts>();

  function figuresOf(race: string): Counts {
    const now = performance.now();
    const found = races.get(race) ?? {
      rounds: 0,
      requests: 0,
      answers: new Map(),
      notes: new Map(),
      started: now,
      ended: now,
    };
    races.set(race, found);
    found.ended = now;
    return found;
  }

  return {
    start: (race) => void figuresOf(race),
    round(race, answers) {
      const figures = figuresOf(race);
      figures.rounds += 1;
      for (const [what, times] of Object.entries(answers)) {
        figures.requests += times;
        add(figures.answers, what, times);
      }
    },
    note: (race, what, times = 1) => add(figuresOf(race).notes, what, times),
    print(title) {
      if (!isLongForm) return;
      const head = `${'race'.padEnd(34)} ${'rounds'.padStart(6)} ${'requests'.padStart(9)} ${'elapsed'.padStart(9)}   answers`;
      const lines = [...races].map(([race, figures]) => toLine(race, figures));
      process.stdout.write(`\n${title}\n${[head, ...lines].join('\n')}\n`);
    },
  };
}
