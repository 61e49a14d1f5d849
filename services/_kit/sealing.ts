// Texts and bytes sealed with AES-256-GCM, and the keys they are sealed with wrapped by a key that no database holds. A
// seal is bound to the place it stands in: moved to another row or column, it does not open.
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { Setting } from "#kit/config.js";
import { DomainError } from "#kit/pure/check.js";

const ivBytes = 12;
const tagBytes = 16;
const keyBytes = 32;

/** Keys that wrap keys, by version. The first wraps; all unwrap. */
export type Keyring = { readonly newest: string; readonly keys: ReadonlyMap<string, Buffer> };

/** A subject's key as it is stored. */
export type WrappedKey = {
  readonly keyId: string;
  readonly subject: string;
  readonly kek: string;
  readonly wrapped: Buffer;
};

/** Seals bytes: what was drawn for them, the bytes, and the tag that shows any change. */
export function seal(key: Buffer, place: string, plain: Uint8Array): Buffer {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv("aes-256-gcm", key, iv);
  cipher.setAAD(Buffer.from(place));
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** @throws Error if the key is another, the place is another, or a bit was changed */
export function unseal(key: Buffer, place: string, sealed: Buffer): Buffer {
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, ivBytes));
  decipher.setAAD(Buffer.from(place));
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  return Buffer.concat([decipher.update(sealed.subarray(ivBytes, sealed.length - tagBytes)), decipher.final()]);
}

const form = /^v1:(key_[0-9A-Z]{26}):([A-Za-z0-9_-]{38,})$/;

/** A text, sealed: `v1:` the id of its key `:` the bytes. */
export function sealText(keyId: string, key: Buffer, place: string, text: string): string {
  return `v1:${keyId}:${seal(key, place, Buffer.from(text)).toString("base64url")}`;
}

/** The id of the key that a text is sealed with; undefined for a text in clear. */
export function keyIdOf(text: string): string | undefined {
  return text.startsWith("v1:") ? form.exec(text)?.[1] : undefined;
}

/** @throws Error as `unseal` does */
export function unsealText(key: Buffer, place: string, sealed: string): string {
  const [, , bytes = ""] = form.exec(sealed) ?? [];
  return unseal(key, place, Buffer.from(bytes, "base64url")).toString();
}

/** A new key of a subject, and how it is stored. */
export function newKey({ newest, keys }: Keyring, keyId: string, subject: string): { key: Buffer; stored: WrappedKey } {
  const key = randomBytes(keyBytes);
  return { key, stored: wrap({ newest, keys }, keyId, subject, key) };
}

/** A subject's key under the newest of the ring. */
export function wrap({ newest, keys }: Keyring, keyId: string, subject: string, key: Buffer): WrappedKey {
  const kek = keys.get(newest) as Buffer;
  return { keyId, subject, kek: newest, wrapped: seal(kek, `${keyId}/${subject}`, key) };
}

/** @throws DomainError PERSONAL_KEY_MISSING if the ring lacks the version, or has another key under its name */
export function unwrap({ keys }: Keyring, { keyId, subject, kek, wrapped }: WrappedKey): Buffer {
  const wrapping = keys.get(kek);
  if (!wrapping) throw keyMissing(kek, `PII_KEYS has no ${kek}: put it back, after the newest`);
  try {
    return unseal(wrapping, `${keyId}/${subject}`, wrapped);
  } catch {
    throw keyMissing(kek, `PII_KEYS has another key under ${kek}: put the one back that it named before`);
  }
}

function keyMissing(version: string, what: string): DomainError {
  return new DomainError("PERSONAL_KEY_MISSING", `personal data cannot be read: ${what}`, { version });
}

/** Reads `k2:<32 bytes as base64>,k1:<…>`, newest first. @throws Error that says what is wrong, without a key in it */
export function readKeyring(text: string): Keyring {
  const entries = text.split(/[,\s]+/).filter(Boolean);
  const keys = new Map<string, Buffer>();
  for (const entry of entries) {
    const [, version = "", key = ""] = /^([A-Za-z0-9_.-]{1,32}):(.+)$/.exec(entry) ?? [];
    if (version === "") throw new Error("is not version:key,version:key");
    if (keys.has(version)) throw new Error(`names ${version} twice`);
    keys.set(version, readKey(key, `under ${version}`));
  }
  const [newest] = keys.keys();
  if (newest === undefined) throw new Error("names no key");
  return { newest, keys };
}

function readKey(text: string, where: string): Buffer {
  const key = Buffer.from(text, "base64");
  if (key.length !== keyBytes) throw new Error(`has ${key.length} bytes ${where}, ${keyBytes} as base64 are needed`);
  return key;
}

/** Keys by version, what for `purpose` says; several in a line or one in each. */
export function keyringSetting(name: string, purpose = "wraps the keys of people's data"): Setting<Keyring> {
  const about = `${purpose}: version:base64 of 32 bytes, newest first`;
  return { name, about, fallback: undefined, parse: readKeyring };
}

/** One key of 32 bytes, as base64. */
export function keySetting(name: string, about: string): Setting<Buffer> {
  return {
    name,
    about: `${about}: 32 bytes as base64`,
    fallback: undefined,
    parse: (value) => readKey(value.trim(), "in it"),
  };
}
