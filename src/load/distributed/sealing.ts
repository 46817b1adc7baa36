import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  randomFillSync,
  timingSafeEqual,
} from "node:crypto";

const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
/** To draw so many at once takes hardly longer than to draw one. */
const NONCES_AT_ONCE = 256;
/** A sealed text is longer than what it says by this. */
export const SEAL_BYTES = NONCE_BYTES + TAG_BYTES;

/** Nobody else reads what one of two has sealed for the other, or changes it. */
export interface Seal {
  seal(plain: Uint8Array): Uint8Array;
  /** @returns null for what the other one has not sealed. */
  open(sealed: Uint8Array): Buffer | null;
}

/** One side's key of a single run. */
export interface RunKey {
  readonly publicText: string;
  /**
   * Agrees on keys with the other side. Who only listens cannot.
   * @param run both give the same.
   * @param side which of the two this one is.
   */
  agree(otherText: string, run: string, side: "run" | "worker"): Seal;
}

/** @param workersKey a secret that runs and workers share. "": none. It is a part of the keys that are agreed on. */
export function newRunKey(workersKey: string): RunKey {
  const { publicKey, privateKey } = generateKeyPairSync("x25519");
  return {
    publicText: publicKey.export({ type: "spki", format: "der" }).toString("base64"),
    agree: (otherText, run, side) => {
      const other = createPublicKey({ key: Buffer.from(otherText, "base64"), type: "spki", format: "der" });
      const shared = diffieHellman({ privateKey, publicKey: other });
      const secret = Buffer.concat([shared, Buffer.from(workersKey)]);
      const keys = Buffer.from(hkdfSync("sha256", secret, run, "faultline load", 2 * KEY_BYTES));
      const [ofRun, ofWorker] = [keys.subarray(0, KEY_BYTES), keys.subarray(KEY_BYTES)];
      return side === "run" ? sealOf(ofRun, ofWorker) : sealOf(ofWorker, ofRun);
    },
  };
}

/** Shows that the writer of a text has the key of workers. */
export function keyProof(workersKey: string, ...parts: readonly string[]): string {
  return createHmac("sha256", workersKey).update(JSON.stringify(parts)).digest("base64");
}

export function isProof(proof: string, workersKey: string, ...parts: readonly string[]): boolean {
  const [given, right] = [Buffer.from(proof), Buffer.from(keyProof(workersKey, ...parts))];
  return given.length === right.length && timingSafeEqual(given, right);
}

const nonces = Buffer.alloc(NONCES_AT_ONCE * NONCE_BYTES);
let nextAt = nonces.length;

/** Random, and never used before. It is overwritten some frames later. */
function nextNonce(): Uint8Array {
  if (nextAt === nonces.length) {
    randomFillSync(nonces);
    nextAt = 0;
  }
  nextAt += NONCE_BYTES;
  return nonces.subarray(nextAt - NONCE_BYTES, nextAt);
}

function sealOf(own: Uint8Array, others: Uint8Array): Seal {
  return {
    seal(plain) {
      const nonce = nextNonce();
      const cipher = createCipheriv(CIPHER, own, nonce);
      const sealed = [cipher.update(plain), cipher.final()];
      return Buffer.concat([nonce, cipher.getAuthTag(), ...sealed]);
    },
    open(sealed) {
      if (sealed.length < SEAL_BYTES) return null;
      const nonce = sealed.subarray(0, NONCE_BYTES);
      const decipher = createDecipheriv(CIPHER, others, nonce);
      decipher.setAuthTag(sealed.subarray(NONCE_BYTES, SEAL_BYTES));
      try {
        return Buffer.concat([decipher.update(sealed.subarray(SEAL_BYTES)), decipher.final()]);
      } catch {
        return null;
      }
    },
  };
}
