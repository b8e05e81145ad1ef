import { readJson } from './lane.mjs';

/** Microseconds in one slot of the histogram, and the slots: up to one second, all above in the last. */
const slotWidth = 10;
const slots = 100_000;

/** Of the right answers every how many is read whole. */
const sampleEvery = 50;

/** Counts answers and their times, and looks whether they are right: every status, and a sample of the bodies. */
export class Tally {
  #times = new Uint32Array(slots);
  #sound;
  requests = 0;
  errors = 0;
  /** What the first wrong answer was. @type {string | undefined} */
  firstError;

  /** @param {((answer: import('../workloads.mjs').Answer) => boolean) | undefined} sound */
  constructor(sound) {
    this.#sound = sound;
  }

  /**
   * @param {import('./lane.mjs').Reply | Error} reply
   * @param {number} milliseconds
   */
  add(reply, milliseconds) {
    const slot = Math.min(slots - 1, Math.floor((milliseconds * 1000) / slotWidth));
    this.#times[slot] = (this.#times[slot] ?? 0) + 1;
    this.requests += 1;
    const fault = this.#faultOf(reply);
    if (fault === undefined) return;
    this.errors += 1;
    this.firstError ??= fault;
  }

  /**
   * @param {import('./lane.mjs').Reply | Error} reply
   * @returns {string | undefined}
   */
  #faultOf(reply) {
    if (reply instanceof Error) return reply.message;
    if (reply.status < 200 || reply.status > 299) return `${reply.status} ${reply.body.toString('utf8', 0, 300)}`;
    if (this.#sound === undefined || this.requests % sampleEvery !== 1) return undefined;
    const answer = readJson(reply.body);
    if (answer !== undefined && this.#sound(answer)) return undefined;
    return `not a right answer: ${reply.body.toString('utf8', 0, 300)}`;
  }

  /**
   * @param {number} share between 0 and 1.
   * @returns {number} milliseconds that this share of the answers did not exceed.
   */
  percentile(share) {
    const wanted = Math.ceil(this.requests * share);
    let seen = 0;
    for (let slot = 0; slot < slots; slot += 1) {
      seen += this.#times[slot] ?? 0;
      if (seen >= wanted) return ((slot + 1) * slotWidth) / 1000;
    }
    return Number.NaN;
  }
}
