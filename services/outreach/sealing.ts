// Secrets as they lie in the database: AES-256-GCM under a key that only the settings have. The first key seals; those
// behind it still open, so a key is changed by putting the new one first. What is sealed for one row opens for no other.
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Setting } from "#kit/config.js";
import type { Sealed } from "./core/types.js";

/** Keys by id, the sealing one first. */
export type SealingKeys = ReadonlyMap<string, Buffer>;

const algorithm = "aes-256-gcm";
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** Seals and opens. */
export type Seal = ReturnType<typeof openSeal>;

export function openSeal(keys: SealingKeys) {
  const [current] = keys;
  if (!current) throw new RangeError("a seal needs a key");
  return {
    /** @param owner the id of what it belongs to */
    seal: (owner: string, text: string): Sealed => {
      const [id, key] = current;
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(owner));
      const content = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return Buffer.concat([Buffer.from([id.length]), Buffer.from(id), nonce, cipher.getAuthTag(), content]);
    },
    /** @throws Error if its key is no longer in the settings, or it was sealed for another owner */
    open: (owner: string, sealed: Sealed): string => {
      const bytes = Buffer.from(sealed);
      const from = 1 + (bytes[0] ?? 0);
      const id = bytes.subarray(1, from).toString();
      const key = keys.get(id);
      if (!key) throw new Error(`the key "${id}" is not among WEBHOOK_KEYS`);
      const nonce = bytes.subarray(from, from + nonceBytes);
      const tag = bytes.subarray(from + nonceBytes, from + nonceBytes + tagBytes);
      const decipher = createDecipheriv(algorithm, key, nonce).setAAD(Buffer.from(owner)).setAuthTag(tag);
      const content = decipher.update(bytes.subarray(from + nonceBytes + tagBytes));
      return Buffer.concat([content, decipher.final()]).toString("utf8");
    },
  };
}

/** id:key pairs, or the file that has them. */
export function sealingKeys(name: string, about: string): Setting<SealingKeys> {
  return { name, about, fallback: undefined, parse: (text) => parse(contentOf(text)) };
}

function contentOf(text: string): string {
  if (!text.startsWith("file:")) return text;
  const path = text.slice("file:".length);
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new Error(`names a file that cannot be read, ${path}`);
  }
}

function parse(text: string): SealingKeys {
  const pairs = text.split(/[\s,]+/).filter((pair) => pair !== "");
  const keys = new Map<string, Buffer>();
  for (const pair of pairs) {
    const [, id, encoded] = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/_-]+=*)$/.exec(pair) ?? [];
    const key = Buffer.from(encoded ?? "", "base64");
    if (!id || key.length !== keyBytes) throw new Error(`is not id:key, each key ${keyBytes} bytes in base64`);
    if (keys.has(id)) throw new Error(`has the key ${id} twice`);
    keys.set(id, key);
  }
  if (keys.size === 0) throw new Error("has no key");
  return keys;
}
