import { optionalText, optionsOf } from '../checks.ts';
import { Grant } from './grant.ts';

/** Every member may be left out and then is not in the token. */
export interface SyncGrantOptions {
  readonly serviceSid?: string | null | undefined;
  readonly endpointId?: string | null | undefined;
}

/** A sync grant as it stands in the token, under `data_sync`. */
export interface SyncGrantPayload {
  service_sid?: string;
  endpoint_id?: string;
}

/** Synchronised data of a Sync service. */
export class SyncGrant extends Grant<SyncGrantPayload> {
  serviceSid: string | undefined;
  endpointId: string | undefined;

  constructor(options?: SyncGrantOptions) {
    super('data_sync');
    const given = optionsOf(options);
    this.serviceSid = optionalText('serviceSid', given.serviceSid);
    this.endpointId = optionalText('endpointId', given.endpointId);
  }

  toPayload(): SyncGrantPayload {
    const payload: SyncGrantPayload = {};
    if (this.serviceSid) payload.service_sid = this.serviceSid;
    if (this.endpointId) payload.endpoint_id = this.endpointId;
    return payload;
  }
}
