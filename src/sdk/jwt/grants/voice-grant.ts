import { optionalText, optionsOf, record, refuse } from '../checks.ts';
import { Grant } from './grant.ts';

/** Every member may be left out and then is not in the token. */
export interface VoiceGrantOptions {
  /** Whether the endpoint may receive calls for the token's identity. */
  readonly incomingAllow?: boolean | null | undefined;
  /** The application that outgoing calls go to. */
  readonly outgoingApplicationSid?: string | null | undefined;
  /** Parameters for that application. Without an application they are left out. */
  readonly outgoingApplicationParams?: Record<string, unknown> | null | undefined;
  readonly pushCredentialSid?: string | null | undefined;
  readonly endpointId?: string | null | undefined;
}

/** A voice grant as it stands in the token, under `voice`. */
export interface VoiceGrantPayload {
  incoming?: { allow: true };
  outgoing?: { application_sid: string; params?: Record<string, unknown> };
  push_credential_sid?: string;
  endpoint_id?: string;
}

/** Calls: receiving them, and making them through an application. */
export class VoiceGrant extends Grant<VoiceGrantPayload> {
  incomingAllow: boolean | undefined;
  outgoingApplicationSid: string | undefined;
  outgoingApplicationParams: Record<string, unknown> | undefined;
  pushCredentialSid: string | undefined;
  endpointId: string | undefined;

  constructor(options?: VoiceGrantOptions) {
    super('voice');
    const given = optionsOf(options);
    this.incomingAllow = yesOrNo('incomingAllow', given.incomingAllow);
    this.outgoingApplicationSid = optionalText('outgoingApplicationSid', given.outgoingApplicationSid);
    this.outgoingApplicationParams = paramsOf(given.outgoingApplicationParams);
    this.pushCredentialSid = optionalText('pushCredentialSid', given.pushCredentialSid);
    this.endpointId = optionalText('endpointId', given.endpointId);
  }

  toPayload(): VoiceGrantPayload {
    const payload: VoiceGrantPayload = {};
    if (this.incomingAllow === true) payload.incoming = { allow: true };
    if (this.outgoingApplicationSid) {
      payload.outgoing = { application_sid: this.outgoingApplicationSid };
      if (this.outgoingApplicationParams) payload.outgoing.params = this.outgoingApplicationParams;
    }
    if (this.pushCredentialSid) payload.push_credential_sid = this.pushCredentialSid;
    if (this.endpointId) payload.endpoint_id = this.endpointId;
    return payload;
  }
}

function yesOrNo(field: string, value: unknown): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'boolean' ? value : refuse(field, 'must be true or false');
}

function paramsOf(value: unknown): Record<string, unknown> | undefined {
  return value === undefined || value === null ? undefined : record('outgoingApplicationParams', value);
}
