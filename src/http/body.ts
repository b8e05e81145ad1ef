import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import contentType from 'content-type';
import getRawBody from 'raw-body';
import { Problem } from '../base/index.ts';

/** The media types that carry parameters. */
export type ParameterEncoding = 'form' | 'json';

/** Parameters as they came, in order; the same name may stand in it more than once. */
export type Parameters = ReadonlyArray<readonly [name: string, value: string]>;

const encodings: Readonly<Record<string, ParameterEncoding>> = {
  'application/x-www-form-urlencoded': 'form',
  'application/json': 'json',
};

const maxParameters = 64;

function malformed(detail: string, cause?: unknown): Problem {
  return new Problem('malformed_request', detail, { cause });
}

function encodingOf(req: IncomingMessage): ParameterEncoding | undefined {
  const header = req.headers['content-type'];
  if (header === undefined) return undefined;
  const parsed = parseContentType(header);
  const encoding = encodings[parsed?.type ?? ''];
  const charset = parsed?.parameters['charset']?.toLowerCase();
  if (encoding === undefined || (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8')) {
    throw new Problem(
      'unsupported_media_type',
      'Send the parameters as application/x-www-form-urlencoded or as application/json, in UTF-8.',
    );
  }
  return encoding;
}

function parseContentType(header: string): ReturnType<typeof contentType.parse> | undefined {
  try {
    return contentType.parse(header);
  } catch {
    // An unreadable media type is an unsupported one; the caller says so.
    return undefined;
  }
}

/** Bodies that have been read, or are being read: a stream can be read once, and more than one part may need to. */
const bodies = new WeakMap<IncomingMessage, Promise<Buffer>>();

/**
 * The body of a request as it came, of at most `limit` bytes; a longer one is refused before it is read when its length
 * is announced. Whoever asks again gets the same.
 * @throws Problem 400 broken off, 413 too large, 415 with a content encoding.
 */
export function readBytes(req: IncomingMessage, limit: number): Promise<Buffer> {
  const known = bodies.get(req);
  if (known !== undefined) return known;
  const body = receive(req, limit);
  bodies.set(req, body);
  return body;
}

async function receive(req: IncomingMessage, limit: number): Promise<Buffer> {
  if ((req.headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new Problem('unsupported_media_type', 'Send the body without a content encoding.');
  }
  try {
    return await getRawBody(req, { limit, length: req.headers['content-length'] ?? null });
  } catch (error) {
    if ((error as { type?: unknown }).type === 'entity.too.large') {
      const headers = { connection: 'close' };
      throw new Problem('payload_too_large', `Send at most ${limit} bytes.`, { cause: error, headers });
    }
    throw malformed('The body ended early or its length does not match Content-Length.', error);
  }
}

function decodeComponent(component: string): string {
  try {
    return decodeURIComponent(component.replaceAll('+', ' '));
  } catch (error) {
    throw malformed('A parameter is not percent-encoded UTF-8.', error);
  }
}

function parseForm(text: string): Parameters {
  if (text === '') return [];
  const pairs = text.split('&', maxParameters + 1).filter((pair) => pair !== '');
  return pairs.map((pair) => {
    const at = pair.indexOf('=');
    return at === -1
      ? [decodeComponent(pair), '']
      : [decodeComponent(pair.slice(0, at)), decodeComponent(pair.slice(at + 1))];
  });
}

type JsonObject = Readonly<Record<string, unknown>>;

function parseObject(text: string): JsonObject {
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed('The JSON body must be an object.');
  }
  if (repeatsMember(text, value)) throw malformed('A member of the JSON body stands in it twice.');
  return value as JsonObject;
}

function parseFlatJson(text: string): Parameters {
  return Object.entries(parseObject(text)).flatMap(([name, member]) => parametersOf(name, member));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw malformed('The body is not valid JSON.', error);
  }
}

/** Whether a JSON text names a member of one of its objects twice. @param value what the text stands for. */
export const repeatsMember = (text: string, value: object): boolean => countKeys(text) > countMembers(value);

/** How many member names a JSON text has: JSON.parse keeps the last of two equal ones in silence. */
function countKeys(text: string): number {
  return text.match(/"(?:[^"\\]|\\.)*"\s*:?/gs)?.filter((token) => token.endsWith(':')).length ?? 0;
}

/** How many members all objects within a value have. It does not recurse: a body may be nested as deep as it is long. */
function countMembers(value: object): number {
  let count = 0;
  const left: object[] = [value];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const members: unknown[] = Object.values(next);
    if (!Array.isArray(next)) count += members.length;
    for (const member of members) if (typeof member === 'object' && member !== null) left.push(member);
  }
  return count;
}

/** `null` is an absent parameter. `resource` may be a list, as it may be repeated in a form (RFC 8707 section 2). */
function parametersOf(name: string, member: unknown): Parameters {
  if (member === null) return [];
  if (name === 'resource' && Array.isArray(member)) return member.flatMap((entry) => parametersOf(name, entry));
  if (typeof member === 'string') return [[name, member]];
  if (typeof member === 'number' || typeof member === 'boolean') return [[name, String(member)]];
  throw malformed('Each member of the JSON body must be a string, a number or a boolean.');
}

function decodeUtf8(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw malformed('The body is not valid UTF-8.');
  return bytes.toString('utf8');
}

/** Control characters (NUL above all, which no PostgreSQL text holds) and lone surrogates, which no encoding can carry. */
const unacceptable = /[\p{Cc}\p{Surrogate}]/u;

function checkParameters(parameters: Parameters): Parameters {
  if (parameters.length > maxParameters) throw malformed(`Send at most ${maxParameters} parameters.`);
  if (parameters.some(([name, value]) => unacceptable.test(name) || unacceptable.test(value))) {
    throw malformed('A parameter contains a control character or half of a surrogate pair.');
  }
  return parameters;
}

/**
 * The parameters in the body of a request, form or flat JSON, in UTF-8.
 * @param limit largest body in bytes.
 * @throws Problem 400 unreadable, 413 too large, 415 another media type or encoding.
 */
export async function readParameters(req: IncomingMessage, limit: number): Promise<Parameters> {
  const encoding = encodingOf(req);
  const bytes = await readBytes(req, limit);
  if (bytes.length === 0) return [];
  if (encoding === undefined) {
    throw new Problem('unsupported_media_type', 'Say in Content-Type how the body is encoded.');
  }
  const text = decodeUtf8(bytes);
  return checkParameters(encoding === 'form' ? parseForm(text) : parseFlatJson(text));
}

/**
 * The JSON object that is the body of a request, in UTF-8, no member standing in it twice.
 * @param limit largest body in bytes.
 * @throws Problem 400 unreadable or no object, 413 too large, 415 another media type or encoding.
 */
export async function readJsonObject(req: IncomingMessage, limit: number): Promise<JsonObject> {
  if (encodingOf(req) !== 'json')
    throw new Problem('unsupported_media_type', 'Send a JSON object as application/json.');
  return parseObject(decodeUtf8(await readBytes(req, limit)));
}

/**
 * As {@link readJsonObject}, where the body may be missing: then it is an object without members.
 * @param limit largest body in bytes.
 * @throws Problem 400 unreadable or no object, 413 too large, 415 another media type or encoding.
 */
export async function readOptionalJson(req: IncomingMessage, limit: number): Promise<JsonObject> {
  const isJson = encodingOf(req) === 'json';
  const bytes = await readBytes(req, limit);
  if (bytes.length === 0) return {};
  if (!isJson) throw new Problem('unsupported_media_type', 'Send a JSON object as application/json.');
  return parseObject(decodeUtf8(bytes));
}
