import { Agent, request } from 'node:http';
import type { TokenRequest } from './plain-requests.ts';

/** What came back, to the byte. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Keeps the connections; whoever has sent anything destroys it at the end. */
export const agent = new Agent({ keepAlive: true, maxSockets: 4 });

/** Sends a request as it is written. */
export function send(
  address: string,
  { path, headers, body }: TokenRequest,
  method: 'GET' | 'POST' = 'POST',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = method === 'GET' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const sent = request(`${address}${path}`, { method, agent, headers: { ...headers, ...length } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode: status = 0, headers: received } = response;
        resolve({ status, headers: received, text: Buffer.concat(chunks).toString() });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const uuid = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/**
 * The headers of an answer, with what is random replaced by its form. The library tells browsers what they may do even
 * where no Origin asks; that is no business of whoever asked, and left out.
 */
export function describeHeaders({ headers }: Answer, { headers: sent }: TokenRequest): object {
  const id = String(headers['x-request-id']);
  const named = sent['x-request-id'] === id ? 'as given' : uuid.test(id) ? 'a new one' : id;
  const kept = Object.entries(headers).filter(([name]) => 'origin' in sent || !name.startsWith('access-control-'));
  return { ...Object.fromEntries(kept), date: headers['date'] !== undefined, 'x-request-id': named };
}
