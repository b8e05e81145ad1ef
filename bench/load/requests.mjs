/**
 * @typedef {object} BenchClient
 * @property {string} id
 * @property {string} secret
 * @property {{ id: string, secret: string }} [key] an API key, on this repository's server.
 * @property {string} [cookie] of a browser whose user has consented to it, on this repository's server.
 */

const crlf = '\r\n';

/**
 * One request as the bytes that go over the wire, made before the measurement.
 * @param {string} host
 * @param {{ path: string, fields?: (token: string | undefined) => Record<string, string>, json?: object }} what
 * @param {BenchClient} client
 * @param {string} [token]
 */
export function encodeRequest(host, { path, fields, json }, client, token) {
  if (fields === undefined && json === undefined) {
    return Buffer.from(`GET ${path} HTTP/1.1${crlf}Host: ${host}${crlf}${crlf}`);
  }
  const { id, secret } = json === undefined ? client : (client.key ?? client);
  const body = json === undefined ? new URLSearchParams(fields?.(token)).toString() : JSON.stringify(json);
  const credentials = Buffer.from(`${id}:${secret}`).toString('base64');
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: ${host}`,
    `Authorization: Basic ${credentials}`,
    `Content-Type: ${json === undefined ? 'application/x-www-form-urlencoded' : 'application/json'}`,
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
