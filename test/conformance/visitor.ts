import { createHash } from 'node:crypto';
import type { House } from '../support/house.ts';
import { type Answer, send } from '../support/tokens.ts';

type Text = Readonly<Record<string, string>>;
type Fields = ReadonlyArray<readonly [name: string, value: string]>;

/** A form of a page, as a browser would send it when nothing is changed in it. */
export interface Form {
  readonly action: string;
  readonly fields: Fields;
}

/** A browser with its cookies and a person in front of it. */
export interface Visitor {
  /** Loads a page of the server, by its path or URL. */
  get(address: string, headers?: Text): Promise<Answer>;
  /** Sends a form of a page, with other fields on top or headers of its own. */
  send(form: Form, more?: Text, headers?: Text): Promise<Answer>;
  /** Goes on until the client has its answer: signs in as the demo user and allows whatever is asked. */
  authorize(parameters: Text): Promise<Passage>;
}

/** A way through the authorization endpoint. */
export interface Passage {
  /** All answers on the way. */
  readonly answers: readonly Answer[];
  /** The last one: a redirect to the client, or a page with no way on. */
  readonly last: Answer;
  /** What the redirect tells the client; empty where there was none. */
  readonly told: Text;
}

export const verifier = 'a verifier is 43 characters of any kind....'.replaceAll(' ', '-');
export const challenge = createHash('sha256').update(verifier).digest('base64url');

const attribute = (tag: string, name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1];

/** The forms of a page. */
export function formsOf({ text }: Answer): readonly Form[] {
  return [...text.matchAll(/<form[^>]*>.*?<\/form>/gs)].map(([form]) => ({
    action: attribute(form, 'action') ?? '',
    fields: [...form.matchAll(/<input[^>]*type="(hidden|checkbox)"[^>]*>/g)].map(
      ([input]) => [attribute(input, 'name') ?? '', attribute(input, 'value') ?? ''] as const,
    ),
  }));
}

/** The form of a page that goes to an address ending so. @throws Error where there is none. */
export function formTo(page: Answer, ending: string): Form {
  const form = formsOf(page).find(({ action }) => action.endsWith(ending));
  if (form === undefined) throw new Error(`no form to ${ending}: ${page.status} ${page.text}`);
  return form;
}

/** Where an answer redirects to, if it does. */
export const locationOf = ({ headers }: Answer): string | undefined => headers.get('location') ?? undefined;

/** What a redirect tells the client at this address, in query or fragment. Empty where it leads elsewhere. */
export function toldBy(answer: Answer, redirectUri: string): Text {
  const location = locationOf(answer) ?? '';
  if (!location.startsWith(`${redirectUri}?`) && !location.startsWith(`${redirectUri}#`)) return {};
  return Object.fromEntries(new URLSearchParams(location.slice(redirectUri.length + 1)));
}

/** Cookies by name and path (RFC 6265 section 5.3), of one host. */
function openJar() {
  const cookies = new Map<string, { readonly name: string; readonly path: string; readonly value: string }>();
  return {
    header: (path: string) =>
      [...cookies.values()]
        .filter((cookie) => path.startsWith(cookie.path))
        .map(({ name, value }) => `${name}=${value}`)
        .join('; '),
    take(headers: Headers) {
      for (const line of headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        const path = /;\s*path=([^;]*)/i.exec(line)?.[1] ?? '/';
        if (value === '') cookies.delete(`${name} ${path}`);
        else cookies.set(`${name} ${path}`, { name, path, value });
      }
    },
  };
}

/** Opens a browser in front of a house. */
export function openVisitor(house: Pick<House, 'issuer' | 'address' | 'demo'>): Visitor {
  const cookies = openJar();
  const { issuer, address, demo } = house;

  async function call(to: string, init: RequestInit): Promise<Answer> {
    const url = new URL(to.replace(issuer, ''), address);
    const cookie = cookies.header(url.pathname);
    const own = { accept: 'text/html', ...(cookie === '' ? {} : { cookie }) };
    const answer = await send(url.href, { ...init, headers: { ...own, ...init.headers } });
    cookies.take(answer.headers);
    return answer;
  }

  const visitor: Visitor = {
    get: (to, headers = {}) => call(to, { headers }),
    send(form, more = {}, headers = { origin: issuer, 'sec-fetch-site': 'same-origin' }) {
      const kept = form.fields.filter(([name]) => !(name in more));
      const body = new URLSearchParams(
        [...kept, ...Object.entries(more)].map(([name, value]): [string, string] => [name, value]),
      );
      return call(form.action, { method: 'POST', headers, body });
    },
    async authorize(parameters) {
      const answers = [await visitor.get(`/oauth/authorize?${new URLSearchParams(parameters)}`)];
      for (;;) {
        const last = answers.at(-1) as Answer;
        const next = await onward(last);
        if (next === undefined) return { answers, last, told: toldBy(last, parameters['redirect_uri'] ?? '') };
        answers.push(next);
      }
    },
  };

  /** The next step of a person who wants to get through. */
  function onward(page: Answer): Promise<Answer> | undefined {
    const location = locationOf(page);
    if (location !== undefined) return location.startsWith(issuer) ? visitor.get(location) : undefined;
    const signIn = formsOf(page).find(({ action }) => action.endsWith('/login'));
    if (signIn !== undefined) {
      return visitor.send(signIn, { email: demo['user_email'] ?? '', password: demo['user_password'] ?? '' });
    }
    const allow = formsOf(page).find(({ action }) => action.endsWith('/consent'));
    return allow === undefined ? undefined : visitor.send(allow);
  }

  return visitor;
}
