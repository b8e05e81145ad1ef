/** The cookies of one browser at one server, kept by name and path (RFC 6265 section 5.3). */
export interface CookieJar {
  /** Takes what an answer sets; what it expires goes. @param path of the request. */
  take(headers: Headers, path: string): void;
  /** The Cookie header for a path; empty where there is none for it. */
  header(path: string): string;
  /** The values of all cookies whose name contains a word. */
  values(word: string): readonly string[];
  /** Forgets the cookies whose name contains a word. */
  drop(word: string): void;
  /** Another browser with the same cookies. */
  copy(): CookieJar;
}

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

interface SetCookie extends Cookie {
  readonly expired: boolean;
}

function readSetCookie(line: string, requestPath: string): SetCookie {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
  const at = pair.indexOf('=');
  const given = new Map(
    attributes.map((attribute): [string, string] => {
      const [name = '', ...value] = attribute.split('=');
      return [name.toLowerCase(), value.join('=')];
    }),
  );
  const age = given.get('max-age');
  const expires = given.get('expires');
  const over = age === undefined ? expires !== undefined && Date.parse(expires) <= Date.now() : Number(age) <= 0;
  const ofRequest = requestPath.slice(0, Math.max(1, requestPath.lastIndexOf('/')));
  return { name: pair.slice(0, at), value: pair.slice(at + 1), path: given.get('path') ?? ofRequest, expired: over };
}

/** RFC 6265 section 5.1.4. */
function isBeneath(path: string, cookiePath: string): boolean {
  return path === cookiePath || path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`);
}

/** Makes an empty jar. */
export function cookieJar(content: ReadonlyMap<string, Cookie> = new Map()): CookieJar {
  const cookies = new Map(content);
  return {
    take(headers, path) {
      for (const line of headers.getSetCookie()) {
        const { expired, ...cookie } = readSetCookie(line, path);
        const key = `${cookie.name} ${cookie.path}`;
        if (expired) cookies.delete(key);
        else cookies.set(key, cookie);
      }
    },
    header: (path) =>
      [...cookies.values()]
        .filter((cookie) => isBeneath(path, cookie.path))
        .map(({ name, value }) => `${name}=${value}`)
        .join('; '),
    values: (word) => [...cookies.values()].filter(({ name }) => name.includes(word)).map(({ value }) => value),
    drop(word) {
      for (const [key, { name }] of cookies) if (name.includes(word)) cookies.delete(key);
    },
    copy: () => cookieJar(cookies),
  };
}
