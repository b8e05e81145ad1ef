import { performance } from 'node:perf_hooks';
import { authorizePath, browsers, redemption, refresh } from '../people.mjs';
import { readJson } from './lane.mjs';
import { encodeRequest } from './requests.mjs';

/**
 * @typedef {object} Journey what one browser and its client do again and again, each time a step or two.
 * @property {(reply?: import('./lane.mjs').Reply) => Buffer | undefined} next the next request of this time, none at its
 *   end. Without a reply a new time begins.
 */

const crlf = '\r\n';

/** The code in the redirect of an authorization endpoint. @param {import('./lane.mjs').Reply} reply */
function codeIn({ status, head }) {
  const code = /\r\nlocation: [^\r]*[?&]code=([^&\r]+)/i.exec(head)?.[1];
  if (code === undefined) throw new Error(`no code: ${status} ${head.slice(0, 300)}`);
  return code;
}

/** @param {import('./lane.mjs').Reply} reply */
function refreshTokenIn({ status, body }) {
  const token = readJson(body)?.['refresh_token'];
  if (status !== 200 || typeof token !== 'string')
    throw new Error(`no token: ${status} ${body.toString('utf8', 0, 300)}`);
  return token;
}

/** @param {string} host @param {import('./requests.mjs').BenchClient} client @param {Record<string, string>} form */
const tokenRequest = (host, client, form) => encodeRequest(host, { path: '/oauth/token', fields: () => form }, client);

/**
 * The code flow of a signed-in user: the authorization endpoint, then the redemption.
 * @param {string} host @param {import('./requests.mjs').BenchClient} client @param {string} cookie
 * @returns {Journey}
 */
function codeJourney(host, client, cookie) {
  const head = [`GET ${authorizePath(client.id)} HTTP/1.1`, `Host: ${host}`, `Cookie: ${cookie}`];
  const ask = Buffer.from(`${head.join(crlf)}${crlf}${crlf}`);
  let redeeming = false;
  return {
    next(reply) {
      if (reply === undefined) {
        redeeming = false;
        return ask;
      }
      if (redeeming) return undefined;
      redeeming = true;
      return tokenRequest(host, client, redemption(codeIn(reply)));
    },
  };
}

/**
 * A chain of refreshes: each uses the newest token.
 * @param {string} host @param {import('./requests.mjs').BenchClient} client @param {string} token
 * @returns {Journey}
 */
function refreshJourney(host, client, token) {
  let newest = token;
  return {
    next(reply) {
      if (reply === undefined) return tokenRequest(host, client, refresh(newest));
      newest = refreshTokenIn(reply);
      return undefined;
    },
  };
}

/**
 * Keeps every lane travelling until the time runs out, each on a journey of its own at a time.
 * @param {readonly import('./lane.mjs').Lane[]} lanes
 * @param {Journey[]} waiting
 * @param {number} seconds
 * @param {(reply: import('./lane.mjs').Reply | Error, milliseconds: number) => void} onArrival with the last reply of each
 *   time, and all its time.
 * @returns {Promise<void>}
 */
export function travel(lanes, waiting, seconds, onArrival) {
  const end = performance.now() + seconds * 1000;
  return Promise.all(
    lanes.map(
      (lane) =>
        new Promise((resolve) => {
          const begin = () => {
            const started = performance.now();
            const journey = started < end ? waiting.shift() : undefined;
            if (journey === undefined) {
              resolve(undefined);
              return;
            }
            const arrive = (/** @type {import('./lane.mjs').Reply | Error} */ reply) => {
              waiting.push(journey);
              onArrival(reply, performance.now() - started);
              if (reply instanceof Error) resolve(undefined);
              else begin();
            };
            const step = (/** @type {import('./lane.mjs').Reply | Error | undefined} */ reply) => {
              if (reply instanceof Error) return arrive(reply);
              try {
                const request = journey.next(reply);
                if (request === undefined) return arrive(/** @type {import('./lane.mjs').Reply} */ (reply));
                lane.send(request, step);
              } catch (error) {
                arrive(/** @type {Error} */ (error));
              }
              return undefined;
            };
            step(undefined);
          };
          begin();
        }),
    ),
  ).then(() => undefined);
}

/**
 * The cookies of the browsers: a rival makes them when it is asked, this repository's were made when it was seeded.
 * @param {import('./measure.mjs').Order} order
 * @returns {Promise<readonly string[] | undefined>} none where a server has no users.
 */
async function cookiesOf({ port, own, clients }) {
  if (own) return clients.slice(0, browsers).map(({ cookie }) => cookie ?? '');
  const response = await fetch(`http://localhost:${port}/bench/cookies`);
  return response.status === 200 ? /** @type {string[]} */ (await response.json()) : undefined;
}

/**
 * Makes the journeys of a workload, with what each begins with.
 * @param {readonly import('./lane.mjs').Lane[]} lanes
 * @param {import('./measure.mjs').Order} order
 * @returns {Promise<Journey[] | undefined>} none where a server has no users.
 */
export async function openJourneys(lanes, order) {
  const host = `localhost:${order.port}`;
  const cookies = await cookiesOf(order);
  if (cookies === undefined) return undefined;
  const clients = order.clients.slice(0, cookies.length);
  const flows = clients.map((client, index) => codeJourney(host, client, cookies[index] ?? ''));
  if (order.workload.journey === 'code') return flows;
  /** @type {Journey[]} */
  const chains = [];
  for (const [index, client] of clients.entries()) {
    /** @type {import('./lane.mjs').Reply | Error | undefined} */
    let last;
    const [flow] = flows.slice(index, index + 1);
    const [lane] = lanes;
    if (flow === undefined || lane === undefined) break;
    for (let request = flow.next(); request !== undefined; request = flow.next(last)) {
      const sent = request;
      last = await new Promise((resolve) => lane.send(sent, resolve));
      if (last instanceof Error) throw last;
    }
    if (last !== undefined) chains.push(refreshJourney(host, client, refreshTokenIn(last)));
  }
  return chains;
}
