import { connect } from 'node:net';

const headEnd = Buffer.from('\r\n\r\n');
const lastChunk = Buffer.from('\r\n0\r\n\r\n');
const empty = Buffer.alloc(0);

/**
 * @typedef {object} Reply
 * @property {number} status
 * @property {string} head the lines before the body.
 * @property {Buffer} body still in chunks where the server sent chunks.
 */

/**
 * Reads one whole HTTP/1.1 response, or undefined while more is to come. There is never more than one on its way.
 * @param {Buffer} bytes
 * @returns {Reply | undefined}
 */
export function readReply(bytes) {
  const end = bytes.indexOf(headEnd);
  if (end === -1) return undefined;
  const head = bytes.toString('latin1', 0, end + 2);
  const status = Number(head.slice(9, 12));
  const start = end + headEnd.length;
  const length = /\r\ncontent-length: *(\d+)\r\n/i.exec(head)?.[1];
  if (length !== undefined) {
    return bytes.length < start + Number(length) ? undefined : { status, head, body: bytes.subarray(start) };
  }
  if (/\r\ntransfer-encoding: *chunked\r\n/i.test(head)) {
    const whole = bytes.subarray(end + 2);
    const isWhole = whole.subarray(-lastChunk.length).equals(lastChunk);
    return isWhole ? { status, head, body: bytes.subarray(start) } : undefined;
  }
  return status === 204 || status === 304 ? { status, head, body: empty } : undefined;
}

/**
 * One kept-alive connection with at most one request under way. Written on a bare socket because Node's own HTTP client
 * costs more for a request than the faster servers here spend on answering it.
 */
export class Lane {
  /** @type {import('node:net').Socket} */
  #socket;
  /** @type {Buffer} */
  #received = empty;
  /** @type {((reply: Reply | Error) => void) | undefined} */
  #waiting;
  /** @type {Error | undefined} */
  #broken;

  /** @param {import('node:net').Socket} socket connected. */
  constructor(socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (/** @type {Buffer} */ chunk) => this.#receive(chunk));
    socket.on('error', (error) => this.#break(error));
    socket.on('close', () => this.#break(new Error('the server closed the connection')));
  }

  /** @param {number} port @returns {Promise<Lane>} */
  static open(port) {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new Lane(socket));
      });
    });
  }

  /**
   * Sends a request; `done` gets the reply, or the error that ended the connection.
   * @param {Buffer} request
   * @param {(reply: Reply | Error) => void} done
   */
  send(request, done) {
    if (this.#broken !== undefined) {
      done(this.#broken);
      return;
    }
    this.#waiting = done;
    this.#socket.write(request);
  }

  close() {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  /** @param {Buffer} chunk */
  #receive(chunk) {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const reply = readReply(this.#received);
    if (reply === undefined) return;
    this.#received = empty;
    this.#answer(reply);
  }

  /** @param {Error} error */
  #break(error) {
    this.#broken ??= error;
    this.#answer(this.#broken);
  }

  /** @param {Reply | Error} reply */
  #answer(reply) {
    const done = this.#waiting;
    this.#waiting = undefined;
    done?.(reply);
  }
}

/**
 * The JSON object that a body holds.
 * @param {Buffer} body
 * @returns {import('../workloads.mjs').Answer | undefined}
 */
export function readJson(body) {
  const text = body.toString();
  try {
    return JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1));
  } catch {
    // Whoever asked says what came instead.
    return undefined;
  }
}
