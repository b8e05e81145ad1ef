import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/**
 * Seals what must come back in clear, with AES-256-GCM. Layout: version (1 byte), id of the master key (4), nonce (12),
 * ciphertext, tag (16). Each purpose has a key of its own, derived from the master key by HKDF-SHA-256, and `context`
 * (usually the row's id) is authenticated: a ciphertext moved to another row or column does not open.
 */
export interface Sealer {
  /** The id of the master key that seals, in hexadecimal. Not secret. */
  readonly keyId: string;
  seal(purpose: string, context: string, plaintext: Uint8Array): Buffer<ArrayBuffer>;
  /** A keyed hash for values too short to be hashed plainly (user codes): without the master key nobody can try all. */
  fingerprint(purpose: string, value: string): Buffer<ArrayBuffer>;
  /** @throws SealError when the master key is another one, or the ciphertext is damaged or belongs elsewhere. */
  open(purpose: string, context: string, sealed: Uint8Array): Buffer<ArrayBuffer>;
}

/** A ciphertext that does not open. `wrongKey` tells a foreign master key from a damaged ciphertext. */
export class SealError extends Error {
  override readonly name = 'SealError';
  readonly wrongKey: boolean;

  constructor(message: string, wrongKey: boolean) {
    super(message);
    this.wrongKey = wrongKey;
  }
}

const version = 1;
const headLength = 5;
const nonceLength = 12;
const tagLength = 16;

interface MasterKey {
  readonly id: Buffer;
  derive(purpose: string): Buffer;
}

function masterKey(secret: Buffer): MasterKey {
  const derived = new Map<string, Buffer>();
  return {
    id: createHash('sha256').update('countersign master key id').update(secret).digest().subarray(0, 4),
    derive(purpose) {
      const known = derived.get(purpose);
      if (known !== undefined) return known;
      const key = Buffer.from(hkdfSync('sha256', secret, '', `countersign ${purpose}`, 32));
      derived.set(purpose, key);
      return key;
    },
  };
}

/** @param current 32 bytes; seals and opens. @param previous earlier keys; they only open. */
export function createSealer(current: Buffer, previous: readonly Buffer[] = []): Sealer {
  const sealing = masterKey(current);
  const opening = [sealing, ...previous.map(masterKey)];
  const head = Buffer.concat([Buffer.of(version), sealing.id]);

  return {
    keyId: sealing.id.toString('hex'),
    seal(purpose, context, plaintext) {
      const nonce = randomBytes(nonceLength);
      const cipher = createCipheriv('aes-256-gcm', sealing.derive(purpose), nonce);
      cipher.setAAD(Buffer.from(context));
      const body = [cipher.update(plaintext), cipher.final()];
      return Buffer.concat([head, nonce, ...body, cipher.getAuthTag()]);
    },
    fingerprint: (purpose, value) =>
      Buffer.from(
        createHmac('sha256', sealing.derive(`fingerprint ${purpose}`))
          .update(value)
          .digest(),
      ),
    open(purpose, context, sealed) {
      const bytes = Buffer.from(sealed);
      if (bytes.length < headLength + nonceLength + tagLength || bytes[0] !== version) {
        throw new SealError(`a sealed ${purpose} is not one of ours`, false);
      }
      const id = bytes.subarray(1, headLength);
      const key = opening.find((candidate) => candidate.id.equals(id));
      if (key === undefined) {
        const has = opening.map((candidate) => candidate.id.toString('hex')).join(', ');
        throw new SealError(`a sealed ${purpose} needs master key ${id.toString('hex')}, this server has ${has}`, true);
      }
      return openWith(key.derive(purpose), purpose, context, bytes);
    },
  };
}

function openWith(key: Buffer, purpose: string, context: string, bytes: Buffer): Buffer<ArrayBuffer> {
  const bodyAt = headLength + nonceLength;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(headLength, bodyAt), {
    authTagLength: tagLength,
  });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(bytes.subarray(-tagLength));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(bodyAt, -tagLength)), decipher.final()]);
  } catch {
    // Node only says that the state is unsupported; what it means is this.
    throw new SealError(`a sealed ${purpose} is damaged or belongs to another row`, false);
  }
}
