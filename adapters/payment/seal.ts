// Bank accounts as sealed tokens: nobody stores a number, not even this adapter. A token is AES-256-GCM under a key of
// the adapter's; only an adapter with that key can open it. The nonce is made from what is sealed, so the same request
// gets the same token, and no nonce comes twice for different accounts.
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from "node:crypto";

const cipher = "aes-256-gcm";
const prefix = "acct1.";
const nonceBytes = 12;
const tagBytes = 16;

export type Seal = {
  /** `context` tells requests apart: the same text under another one gives another token. */
  seal(text: string, context: string): string;
  /** Undefined for what is no token of ours, or of a key that is gone. */
  open(token: string): string | undefined;
};

/** The first key seals, all of them open: a new key is put before the old one, which goes when its tokens are spent. */
export function openSeal(masterKeys: readonly Buffer[]): Seal {
  const keys = masterKeys.map((master) => ({ seal: derive(master, "seal"), nonce: derive(master, "nonce") }));
  return {
    seal: (text, context) => {
      const [key] = keys;
      if (!key) throw new RangeError("a seal needs a key");
      const nonce = createHmac("sha256", key.nonce)
        .update(JSON.stringify([context, text]))
        .digest()
        .subarray(0, nonceBytes);
      const sealing = createCipheriv(cipher, key.seal, nonce).setAAD(Buffer.from(prefix));
      const sealed = Buffer.concat([sealing.update(text, "utf8"), sealing.final()]);
      return prefix + Buffer.concat([nonce, sealing.getAuthTag(), sealed]).toString("base64url");
    },
    open: (token) => {
      const bytes = Buffer.from(token.slice(prefix.length), "base64url");
      // Written one way only: Buffer would pass over what is no base64.
      if (token !== prefix + bytes.toString("base64url") || bytes.length <= nonceBytes + tagBytes) return undefined;
      for (const { seal } of keys) {
        const text = opened(bytes, seal);
        if (text !== undefined) return text;
      }
      return undefined;
    },
  };
}

function opened(bytes: Buffer, key: Buffer): string | undefined {
  const opening = createDecipheriv(cipher, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
  opening.setAAD(Buffer.from(prefix));
  opening.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  try {
    return Buffer.concat([opening.update(bytes.subarray(nonceBytes + tagBytes)), opening.final()]).toString("utf8");
  } catch {
    return undefined; // another key's, or changed
  }
}

function derive(master: Buffer, use: string): Buffer {
  return Buffer.from(hkdfSync("sha256", master, "", `backhaul account ${use}`, 32));
}
