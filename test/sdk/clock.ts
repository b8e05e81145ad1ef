import type { Clock } from '../../src/sdk/index.ts';

/** A clock that a test moves. */
export interface MovedClock extends Clock {
  /** Lets seconds pass. */
  pass(seconds: number): void;
  /** Sets this machine's clock ahead or back, as somebody who corrects it does. */
  jump(seconds: number): void;
  /** Puts the machine to sleep: only the wall clock goes on. */
  sleep(seconds: number): void;
}

/** @param wrong seconds that the wall clock is ahead of the world. */
export function createClock(wrong = 0): MovedClock {
  let wall = Date.now() + wrong * 1000;
  let monotonic = 1_000_000;
  return {
    wall: () => wall,
    monotonic: () => monotonic,
    pass(seconds) {
      wall += seconds * 1000;
      monotonic += seconds * 1000;
    },
    jump(seconds) {
      wall += seconds * 1000;
    },
    sleep(seconds) {
      wall += seconds * 1000;
    },
  };
}
