import type { Page } from '../../src/interactions/pages/types.ts';
import { beganCookie } from './people.ts';
import type { Put, Stage } from './stage.ts';

/** What came back. The stage's pages are JSON. */
export interface Seen {
  readonly status: number;
  readonly headers: Headers;
  readonly page: Page;
  /** Path and query that a 303 leads to. */
  readonly next: string;
  /** The whole of a 303's location. */
  readonly location: string;
}

type Fields = ReadonlyArray<readonly [name: string, value: string]>;

/** A browser: it keeps cookies, and says where its forms come from. */
export interface Visitor {
  readonly cookies: Map<string, string>;
  /** What the last answers' `Set-Cookie` headers said, whole. */
  readonly setCookies: string[];
  /** Makes this the browser that began a request. */
  begin(put: Put): void;
  get(path: string): Promise<Seen>;
  /** Loads the page of a request. */
  open(put: Put, more?: string): Promise<Seen>;
  /** Sends a form by name, with the token and seal of a page. */
  send(form: string, from: Page, fields?: Fields, headers?: Readonly<Record<string, string>>): Promise<Seen>;
  post(path: string, body: string, headers?: Readonly<Record<string, string>>): Promise<Seen>;
}

/** What a form of a page carries in any case. */
export function hiddenFields(page: Page): Fields {
  if (!('consentToken' in page)) throw new Error(`this page has no form: ${JSON.stringify(page)}`);
  return [
    ['consent_token', page.consentToken],
    ['csrf', page.csrf],
  ];
}

/** Opens a browser. */
export function openVisitor(stage: Stage): Visitor {
  const cookies = new Map<string, string>();
  const setCookies: string[] = [];

  async function call(path: string, init: RequestInit): Promise<Seen> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(init.headers as Record<string, string>), ...(cookie === '' ? {} : { cookie }) };
    const answer = await fetch(stage.address + path, { ...init, headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
      setCookies.push(line);
    }
    const text = await answer.text();
    const location = answer.headers.get('location') ?? '';
    const page = (text === '' ? { kind: 'none' } : JSON.parse(text)) as Page;
    return { status: answer.status, headers: answer.headers, page, location, next: location.replace(stage.issuer, '') };
  }

  const ownPage = { origin: stage.issuer, 'sec-fetch-site': 'same-origin' };
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const visitor: Visitor = {
    cookies,
    setCookies,
    begin: ({ request }) => void cookies.set(beganCookie, request.id),
    get: (path) => call(path, {}),
    open: ({ token }, more = '') => call(`/oauth/interaction?consent_token=${token}${more}`, {}),
    send: (name, from, fields = [], headers = ownPage) => {
      const body = new URLSearchParams(
        [...hiddenFields(from), ...fields].map(([key, value]): [string, string] => [key, value]),
      );
      return visitor.post(`/oauth/interaction/${name}`, body.toString(), { ...form, ...headers });
    },
    post: (path, body, headers = { ...ownPage, ...form }) => call(path, { method: 'POST', body, headers }),
  };
  return visitor;
}
