/**
 * @typedef {object} BenchClient
 * @property {string} id
 * @property {string} secret
 * @property {string} [cookie] of a browser whose user has consented to it, on this repository's server.
 */

const crlf = '\r\n';

/**
 * One request as the bytes that go over the wire, made before the measurement.
 * @param {string} host
 * @param {{ path: string, fields?: (token: string | undefined) => Record<string, string> }} what
 * @param {BenchClient} client
 * @param {string} [token]
 */
export function encodeRequest(host, { path, fields }, client, token) {
  if (fields === undefined) return Buffer.from(`GET ${path} HTTP/1.1${crlf}Host: ${host}${crlf}${crlf}`);
  const body = new URLSearchParams(fields(token)).toString();
  const credentials = Buffer.from(`${client.id}:${client.secret}`).toString('base64');
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: ${host}`,
    `Authorization: Basic ${credentials}`,
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${body.length}`,
  ];
  return Buffer.from(`${head.join(crlf)}${crlf}${crlf}${body}`);
}

/**
 * Hands requests out one after the other, over all clients and then from the first again.
 * @param {readonly Buffer[]} requests
 * @returns {() => Buffer}
 */
export function rotate(requests) {
  let next = 0;
  return () => requests[next++ % requests.length] ?? Buffer.alloc(0);
}

/**
 * Hands each request out once.
 * @param {readonly Buffer[]} requests
 * @returns {() => Buffer | undefined}
 */
export function once(requests) {
  let next = 0;
  return () => requests[next++];
}
