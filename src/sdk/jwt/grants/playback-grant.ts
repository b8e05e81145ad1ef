import { optionsOf, record } from '../checks.ts';
import { Grant } from './grant.ts';

/** Without a grant the token holds an empty one. */
export interface PlaybackGrantOptions {
  /** The playback grant as the API gave it. */
  readonly grant?: Record<string, unknown> | null | undefined;
}

/** Watching a live stream. What the API gave goes into the token as it is. */
export class PlaybackGrant extends Grant<Record<string, unknown>> {
  grant: Record<string, unknown> | undefined;

  constructor(options?: PlaybackGrantOptions) {
    super('player');
    const given = optionsOf(options);
    this.grant = given.grant === undefined || given.grant === null ? undefined : record('grant', given.grant);
  }

  toPayload(): Record<string, unknown> {
    return this.grant ?? {};
  }
}
