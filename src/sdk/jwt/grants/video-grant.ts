import { optionalText, optionsOf } from '../checks.ts';
import { Grant } from './grant.ts';

/** Without a room every room is allowed. */
export interface VideoGrantOptions {
  /** Name or SID of the room. */
  readonly room?: string | null | undefined;
}

/** Joining video rooms: the one that is named by its name or SID, or every one. */
export class VideoGrant extends Grant<{ room?: string }> {
  room: string | undefined;

  constructor(options?: VideoGrantOptions) {
    super('video');
    const given = optionsOf(options);
    this.room = optionalText('room', given.room);
  }

  toPayload(): { room?: string } {
    return this.room ? { room: this.room } : {};
  }
}
