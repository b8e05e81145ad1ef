import { type CookieJar, cookieJar } from './cookie-jar.ts';
import type { House } from './house.ts';
import { formsOf, type HtmlForm } from './html-form.ts';

/** What a person answers when they are asked. */
export interface Answers {
  readonly email: string;
  readonly password: string;
  /** SID of the organization to choose. Default: the one that is preselected, else the first. */
  readonly organization?: string;
  /** Which scopes stay ticked, by the value of their boxes. Default: all. */
  readonly keep?: (value: string) => boolean;
  /** What is declined: the page of this name. */
  readonly deny?: PageName;
}

/** A page that a browser has come to rest at. */
export interface Landing {
  /** Where: an address of the server, or one of a client, which is not opened. */
  readonly url: URL;
  /** 0 for an address of a client. */
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly page: PageName | 'client' | 'other';
  readonly forms: readonly HtmlForm[];
}

export type PageName = 'login' | 'organization' | 'consent' | 'logout' | 'form_post';
type Fields = ReadonlyArray<readonly [name: string, value: string]>;
export type Query = Readonly<Record<string, string>> | Fields;

/** An answer on the way, redirects among them. */
export interface Step {
  readonly url: URL;
  readonly setCookies: readonly string[];
  readonly forms: readonly HtmlForm[];
}

/** A person at a browser that runs no scripts: it keeps cookies, follows redirects and sends forms. */
export interface Person {
  readonly cookies: CookieJar;
  /** Every answer that the browser got, oldest first. */
  readonly trail: Step[];
  /** The pages on which something was asked, since the browser was opened or `asked` was emptied. */
  readonly asked: PageName[];
  /** Opens an address of the server, path or whole, and follows redirects. */
  open(address: string, headers?: Readonly<Record<string, string>>): Promise<Landing>;
  /** Sends a form of a page: by the last segment of its action, with its fields and more. */
  send(from: Landing, form: string, more?: Fields): Promise<Landing>;
  /** Begins an authorization request. */
  begin(parameters: Query): Promise<Landing>;
  /** Answers pages until the browser comes to rest at an address of a client, or at a page that asks nothing. */
  answer(at: Landing, answers?: Partial<Answers>): Promise<Landing>;
  /** Both. @returns the client's callback. @throws Error where there is none. */
  authorize(parameters: Query, answers?: Partial<Answers>): Promise<URL>;
  /** Signs out, after confirming it. @returns where the browser ends. */
  signOut(parameters?: Query): Promise<Landing>;
}

/** The server as browsers see it. Of several nodes each has its own address, while the issuer is one. */
export type Server = Pick<House, 'issuer'> & { readonly address?: string };

const pageNames: Readonly<Record<string, PageName>> = {
  '/oauth/interaction/login': 'login',
  '/oauth/interaction/organization': 'organization',
  '/oauth/interaction/consent': 'consent',
  '/oauth/logout/confirm': 'logout',
};

/** Which question a page puts, by the address that its answer goes to. */
function pageOf(url: URL, forms: readonly HtmlForm[]): Landing['page'] {
  const targets = forms.map(({ action }) => new URL(action, url));
  const own = targets.filter(({ origin }) => origin === url.origin);
  const known = own.map(({ pathname }) => pageNames[pathname]).find((name) => name !== undefined);
  return known ?? (own.length < targets.length ? 'form_post' : 'other');
}

const query = (parameters: Query) =>
  new URLSearchParams(
    (Array.isArray(parameters) ? parameters : Object.entries(parameters)).map(([name, value]): [string, string] => [
      name,
      value,
    ]),
  ).toString();

const accept = 'text/html,application/xhtml+xml,*/*;q=0.8';

/** The forms of a page by the last segment of where they go. */
function formNamed({ forms, text, url, status }: Landing, name: string): HtmlForm {
  const found = forms.find(({ action }) => action.split('/').at(-1) === name);
  if (found === undefined) throw new Error(`no form "${name}" at ${url.pathname} (${status}): ${text.slice(0, 2000)}`);
  return found;
}

/** What a person puts into a page, by its name. */
const fillIn: Readonly<Record<string, (answers: Answers, form: HtmlForm) => Fields>> = {
  login: ({ email, password }) => [
    ['email', email],
    ['password', password],
  ],
  organization: ({ organization }, { choices, fields }) => {
    const preselected = fields.find(([name]) => name === 'organization')?.[1];
    return [['organization', organization ?? preselected ?? choices.get('organization')?.[0] ?? '']];
  },
  consent: ({ keep = () => true }, { choices }) =>
    (choices.get('scope') ?? []).filter(keep).map((value) => ['scope', value] as const),
  logout: () => [['logout', 'yes']],
};

/** Opens a browser for somebody. Without answers it is the user of the house's demo. */
export function openPerson(server: Server | House, who?: Answers, cookies: CookieJar = cookieJar()): Person {
  const address = server.address ?? server.issuer;
  const { origin } = new URL(server.issuer);
  const demo = 'demo' in server ? server.demo : undefined;
  const own: Answers = who ?? { email: demo?.['user_email'] ?? '', password: demo?.['user_password'] ?? '' };
  const asked: PageName[] = [];
  const trail: Step[] = [];

  const isServer = (url: URL) => url.origin === origin;
  const atClient = (url: URL): Landing => ({
    url,
    status: 0,
    headers: new Headers(),
    text: '',
    page: 'client',
    forms: [],
  });

  async function load(url: URL, init: RequestInit, hops = 0): Promise<Landing> {
    if (!isServer(url)) return atClient(url);
    if (hops > 15) throw new Error(`redirected in circles: ${url}`);
    const cookie = cookies.header(url.pathname);
    const headers = { accept, ...(init.headers as object), ...(cookie === '' ? {} : { cookie }) };
    const answer = await fetch(address + url.pathname + url.search, { ...init, headers, redirect: 'manual' });
    cookies.take(answer.headers, url.pathname);
    const location = answer.headers.get('location');
    const text = await answer.text();
    const forms = formsOf(text);
    trail.push({ url, setCookies: answer.headers.getSetCookie(), forms });
    if (location !== null) return load(new URL(location, url), {}, hops + 1);
    return { url, status: answer.status, headers: answer.headers, text, page: pageOf(url, forms), forms };
  }

  const post = (action: string, from: URL, fields: Fields) =>
    load(new URL(action, from), {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin', origin },
      body: new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])),
    });

  const person: Person = {
    cookies,
    trail,
    asked,
    open: (path, headers = {}) => load(new URL(path, server.issuer), { headers }),
    send(from, name, more = []) {
      const form = formNamed(from, name);
      const replaced = new Set(more.map(([key]) => key));
      const kept = form.fields.filter(([key]) => !replaced.has(key) && !form.choices.has(key));
      return post(form.action, from.url, [...kept, ...more]);
    },
    begin: (parameters) => person.open(`/oauth/authorize?${query(parameters)}`),
    async answer(at, answers = {}) {
      const will = { ...own, ...answers };
      let here = at;
      for (let pages = 0; pages < 8; pages += 1) {
        const { page } = here;
        const fill = fillIn[page];
        if (fill === undefined) return here;
        asked.push(page as PageName);
        const name = page === 'logout' ? 'confirm' : page;
        const isDenied = will.deny === page;
        here = isDenied
          ? await person.send(here, 'deny')
          : await person.send(here, name, fill(will, formNamed(here, name)));
      }
      throw new Error(`asked without end: ${asked.join(', ')}`);
    },
    async authorize(parameters, answers) {
      const end = await person.answer(await person.begin(parameters), answers);
      if (end.page === 'client') return end.url;
      throw new Error(`no callback but ${end.status} at ${end.url.pathname}: ${end.text.slice(0, 2000)}`);
    },
    async signOut(parameters = {}) {
      return person.answer(await person.open(`/oauth/logout?${query(parameters)}`));
    },
  };
  return person;
}
