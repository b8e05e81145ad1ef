import { lifetime, optionalText, record, refuse, secondsNow, sharedSecret, sid } from '../checks.ts';
import { missing, requiredOptions } from '../client-scopes.ts';
import { hmac, segment } from '../signing.ts';
import { Policy, type PolicyFilter, type PolicyPayload } from './policy.ts';
import { activitiesUrl, reservationsUrl, taskQueuesUrl, tasksUrl, workersUrl, workspacesUrl } from './util.ts';

/** What a TaskRouterCapability is made of. */
export interface TaskRouterCapabilityOptions {
  readonly accountSid: string;
  /** The account's auth token, with which the capability is signed. */
  readonly authToken: string;
  readonly workspaceSid: string;
  /** The worker (`WK`), task queue (`WQ`) or workspace (`WS`) that the capability is for. */
  readonly channelId: string;
  readonly friendlyName?: string | null | undefined;
  /** Lifetime in seconds, 1 to 86,400. An hour by default. */
  readonly ttl?: number | null | undefined;
  /** `v1` by default. */
  readonly version?: string | null | undefined;
}

/** What a capability takes as a policy; those of the `twilio` package are taken too. */
export interface PolicyLike {
  payload(): PolicyPayload;
}

type Positions = [accountSid: string, authToken: string, workspaceSid: string, channelId: string];

/** URL of what a channel is, by the prefix of its SID. */
const RESOURCE_URLS: Readonly<Record<string, (workspaceSid: string, channelId: string) => string>> = {
  WS: (workspaceSid) => workspacesUrl(workspaceSid),
  WK: workersUrl,
  WQ: taskQueuesUrl,
};

const REQUIRED = { required: true };

/** What a worker, a task queue or a workspace may do in TaskRouter. No policy is there unless it was added. */
export class TaskRouterCapability {
  static readonly Policy = Policy;

  accountSid: string;
  workspaceSid: string;
  channelId: string;
  friendlyName: string | undefined;
  ttl: number;
  version: string;
  policies: PolicyLike[] = [];
  #authToken: string;

  /** @throws InvalidArgumentError naming the field and the rule */
  constructor(...given: [options: TaskRouterCapabilityOptions] | Positions) {
    const options = given.length > 1 ? named(given) : requiredOptions<TaskRouterCapabilityOptions>(given[0]);
    this.accountSid = sidOf(options, 'accountSid', ['AC']);
    this.#authToken = sharedSecret('options.authToken', options.authToken, missing('options.authToken'));
    this.workspaceSid = sidOf(options, 'workspaceSid', ['WS']);
    this.channelId = sidOf(options, 'channelId', Object.keys(RESOURCE_URLS));
    this.friendlyName = optionalText('options.friendlyName', options.friendlyName);
    this.ttl = lifetime('options.ttl', options.ttl, 3600);
    this.version = optionalText('options.version', options.version) ?? 'v1';
  }

  /** The auth token. It is no field, so that printing a capability does not show it. */
  get authToken(): string {
    return this.#authToken;
  }

  set authToken(authToken: string) {
    this.#authToken = sharedSecret('authToken', authToken);
  }

  /** Adds a policy. */
  addPolicy(policy: PolicyLike): void {
    if (typeof record('policy', policy)['payload'] !== 'function') refuse('policy', 'must have a method payload');
    this.policies.push(policy);
  }

  /** Adds a policy that allows. */
  allow(url: string, method: string, queryFilter?: PolicyFilter, postFilter?: PolicyFilter): void {
    this.addPolicy(new Policy({ url, method, queryFilter, postFilter, allow: true }));
  }

  /** Adds a policy that denies. */
  deny(url: string, method: string, queryFilter?: PolicyFilter, postFilter?: PolicyFilter): void {
    this.addPolicy(new Policy({ url, method, queryFilter, postFilter, allow: false }));
  }

  /** Reading what lies below the channel's resource. */
  allowFetchSubresources(): void {
    this.allow(`${this.#resourceUrl()}/**`, 'GET');
  }

  /** Changing the channel's resource. */
  allowUpdates(): void {
    this.allow(this.#resourceUrl(), 'POST');
  }

  /** Changing what lies below the channel's resource. */
  allowUpdatesSubresources(): void {
    this.allow(`${this.#resourceUrl()}/**`, 'POST');
  }

  /** Deleting the channel's resource. */
  allowDelete(): void {
    this.allow(this.#resourceUrl(), 'DELETE');
  }

  /** Deleting what lies below the channel's resource. */
  allowDeleteSubresources(): void {
    this.allow(`${this.#resourceUrl()}/**`, 'DELETE');
  }

  /** A worker reads its own attributes. */
  allowWorkerFetchAttributes(): void {
    this.allow(this.#workerUrl(), 'GET');
  }

  /** A worker changes its own activity, and nothing else of itself. */
  allowWorkerActivityUpdates(): void {
    this.allow(this.#workerUrl(), 'POST', {}, { ActivitySid: REQUIRED });
  }

  /** Another name of `allowWorkerActivityUpdates`. */
  allowActivityUpdates(): void {
    this.allowWorkerActivityUpdates();
  }

  /** A worker reads the activities of the workspace. */
  allowFetchActivities(): void {
    this.#workerUrl();
    this.allow(activitiesUrl(this.workspaceSid), 'GET');
  }

  /** A worker accepts or rejects reservations through their tasks. */
  allowTaskReservationUpdates(): void {
    this.#workerUrl();
    this.allow(tasksUrl(this.workspaceSid, '**'), 'POST');
  }

  /** A worker accepts or rejects reservations through their tasks and through itself. */
  allowReservationUpdates(): void {
    this.allowTaskReservationUpdates();
    this.allow(reservationsUrl(this.workspaceSid, this.channelId, '**'), 'POST');
  }

  /** Signs the token with HS256. Every call signs anew. */
  toJwt(): string {
    const iat = secondsNow();
    const iss = sid('accountSid', this.accountSid, ['AC']);
    const channel = sid('channelId', this.channelId, Object.keys(RESOURCE_URLS));
    const payload = {
      iss,
      exp: iat + lifetime('ttl', this.ttl, 3600),
      version: this.version,
      friendly_name: this.friendlyName,
      account_sid: iss,
      channel,
      workspace_sid: sid('workspaceSid', this.workspaceSid, ['WS']),
      policies: this.policies.map((policy) => policy.payload()),
      worker_sid: channel.startsWith('WK') ? channel : undefined,
      taskqueue_sid: channel.startsWith('WQ') ? channel : undefined,
      iat,
    };
    const input = `${segment({ alg: 'HS256', typ: 'JWT' })}.${segment(payload)}`;
    return `${input}.${hmac('HS256', this.#authToken, input)}`;
  }

  #resourceUrl(): string {
    const url = RESOURCE_URLS[this.channelId.slice(0, 2)];
    return url ? url(this.workspaceSid, this.channelId) : refuse('channelId', 'must be a worker, queue or workspace');
  }

  #workerUrl(): string {
    if (!this.channelId.startsWith('WK')) return refuse('channelId', 'must be a worker (WK) for this policy');
    return workersUrl(this.workspaceSid, this.channelId);
  }
}

function named([accountSid, authToken, workspaceSid, channelId]: readonly unknown[]): TaskRouterCapabilityOptions {
  return { accountSid, authToken, workspaceSid, channelId } as TaskRouterCapabilityOptions;
}

function sidOf(
  options: TaskRouterCapabilityOptions,
  name: 'accountSid' | 'workspaceSid' | 'channelId',
  prefixes: readonly string[],
): string {
  return sid(`options.${name}`, options[name], prefixes, missing(`options.${name}`));
}
