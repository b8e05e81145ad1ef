import { optionalText, optionsOf } from '../checks.ts';
import { Grant } from './grant.ts';

/** Every member may be left out and then is not in the token. */
export interface ChatGrantOptions {
  readonly serviceSid?: string | null | undefined;
  readonly endpointId?: string | null | undefined;
  readonly deploymentRoleSid?: string | null | undefined;
  readonly pushCredentialSid?: string | null | undefined;
}

/** A chat grant as it stands in the token, under `chat`. */
export interface ChatGrantPayload {
  service_sid?: string;
  endpoint_id?: string;
  deployment_role_sid?: string;
  push_credential_sid?: string;
}

/** Chat and Conversations. */
export class ChatGrant extends Grant<ChatGrantPayload> {
  serviceSid: string | undefined;
  endpointId: string | undefined;
  deploymentRoleSid: string | undefined;
  pushCredentialSid: string | undefined;

  constructor(options?: ChatGrantOptions) {
    super('chat');
    const given = optionsOf(options);
    this.serviceSid = optionalText('serviceSid', given.serviceSid);
    this.endpointId = optionalText('endpointId', given.endpointId);
    this.deploymentRoleSid = optionalText('deploymentRoleSid', given.deploymentRoleSid);
    this.pushCredentialSid = optionalText('pushCredentialSid', given.pushCredentialSid);
  }

  toPayload(): ChatGrantPayload {
    const payload: ChatGrantPayload = {};
    if (this.serviceSid) payload.service_sid = this.serviceSid;
    if (this.endpointId) payload.endpoint_id = this.endpointId;
    if (this.deploymentRoleSid) payload.deployment_role_sid = this.deploymentRoleSid;
    if (this.pushCredentialSid) payload.push_credential_sid = this.pushCredentialSid;
    return payload;
  }
}
