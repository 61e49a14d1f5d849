// What an API key looks like: bh_live_<id>_<secret><checksum>. The prefix and the checksum let secret scanners find one that
// leaked, and let the edge turn away what is none without asking anybody:
//   bh_live_[0-9A-HJKMNP-TV-Z]{26}_[0-9A-Za-z]{46}
// The id is the key's ULID, the secret 40 characters of base62 (238 bits), the checksum CRC-32 of all before it in base62.
import { createHash, randomInt } from "node:crypto";
import { crc32 } from "node:zlib";
import { newId } from "#kit/ids.js";

/** A key as it is known without its secret. */
export type ReadKey = { readonly apiKeyId: string; readonly sha256: Buffer };

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const grammar = /^bh_live_([0-9A-HJKMNP-TV-Z]{26})_[0-9A-Za-z]{46}$/;

/** A new key. Its text goes to its holder, and nowhere else. */
export function makeApiKey(): ReadKey & { readonly text: string } {
  const apiKeyId = newId("key");
  const secret = Array.from({ length: 40 }, () => base62[randomInt(62)]).join("");
  const body = `bh_live_${apiKeyId.slice("key_".length)}_${secret}`;
  const text = body + checksum(body);
  return { apiKeyId, text, sha256: sha256(text) };
}

/** Whether somebody meant to send a key. */
export function isApiKey(text: string): boolean {
  return text.startsWith("bh_");
}

/** What a text says of itself, if it is a key at all. */
export function readApiKey(text: string): ReadKey | undefined {
  const [, id] = grammar.exec(text) ?? [];
  if (!id || checksum(text.slice(0, -6)) !== text.slice(-6)) return undefined;
  return { apiKeyId: `key_${id}`, sha256: sha256(text) };
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function checksum(body: string): string {
  let left = crc32(body);
  let digits = "";
  for (let i = 0; i < 6; i++) {
    digits = base62[left % 62] + digits;
    left = Math.floor(left / 62);
  }
  return digits;
}
