import { record, refuse, requiredText, wellFormed } from './checks.ts';
import { InvalidArgumentError } from './errors.ts';

/** A value that can stand in the text of a scope. */
export type ScopeValue = string | number | boolean;

/** Receiving calls under a client name. */
export class IncomingClientScope {
  readonly scope = 'scope:client:incoming';
  clientName: string;

  constructor(clientName: string) {
    this.clientName = requiredText('clientName', clientName);
  }

  /** The scope as it stands in the token. */
  payload(): string {
    return `${this.scope}?clientName=${encodeURIComponent(this.clientName)}`;
  }
}

/** Where outgoing calls go, under which name and with which parameters. */
export interface OutgoingClientScopeOptions {
  readonly applicationSid: string;
  readonly clientName?: string | null | undefined;
  readonly params?: Record<string, ScopeValue> | null | undefined;
}

/** Making calls through an application. */
export class OutgoingClientScope {
  readonly scope = 'scope:client:outgoing';
  applicationSid: string;
  clientName: string | undefined;
  params: Record<string, ScopeValue> | undefined;

  constructor(options: OutgoingClientScopeOptions) {
    const given = requiredOptions<OutgoingClientScopeOptions>(options);
    this.applicationSid = requiredText(
      'options.applicationSid',
      given.applicationSid,
      missing('options.applicationSid'),
    );
    this.clientName = given.clientName == null ? undefined : wellFormed('options.clientName', given.clientName);
    this.params = given.params == null ? undefined : scopeValues('options.params', given.params);
  }

  /** The scope as it stands in the token. */
  payload(): string {
    const query = [`appSid=${encodeURIComponent(this.applicationSid)}`];
    if (this.clientName !== undefined) query.push(`clientName=${encodeURIComponent(this.clientName)}`);
    if (this.params !== undefined) query.push(`appParams=${encodeURIComponent(pairs(this.params))}`);
    return `${this.scope}?${query.join('&')}`;
  }
}

/** Following the stream of events, all of them or those that match the filters. */
export class EventStreamScope {
  readonly scope = 'scope:stream:subscribe';
  filters: Record<string, ScopeValue>;

  constructor(filters?: Record<string, ScopeValue> | null) {
    this.filters = scopeValues('filters', filters ?? {});
  }

  /** The scope as it stands in the token. The path is not encoded. */
  payload(): string {
    const path = `${this.scope}?path=/2010-04-01/Events`;
    return Object.keys(this.filters).length === 0
      ? path
      : `${path}&appParams=${encodeURIComponent(pairs(this.filters))}`;
  }
}

/** Pairs in the order of the object, encoded here and once more where they stand. */
function pairs(values: Record<string, ScopeValue>): string {
  return Object.entries(values)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
}

function scopeValues(field: string, given: unknown): Record<string, ScopeValue> {
  const values = record(field, given);
  for (const [name, value] of Object.entries(values)) {
    wellFormed(`a name in ${field}`, name);
    if (typeof value === 'string') wellFormed(`${field}.${name}`, value);
    else if (typeof value !== 'boolean' && !Number.isFinite(value)) {
      refuse(`${field}.${name}`, 'must be a string, a number, true or false');
    }
  }
  return values as Record<string, ScopeValue>;
}

/** An options object that must be there, refused in the words of the `twilio` package. */
export function requiredOptions<Options extends object>(options: unknown): Options {
  if (!options) throw new InvalidArgumentError('options', missing('options'));
  if (typeof options !== 'object' || Array.isArray(options)) {
    throw new InvalidArgumentError('options', 'Parameter "options" must be a type Object');
  }
  return options as Options;
}

/** What the `twilio` package says of a parameter that is not there. */
export function missing(parameter: string): string {
  return `Required parameter "${parameter}" missing.`;
}
