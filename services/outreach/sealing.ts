// Subscribers' secrets as they lie in the database: sealed under the newest of WEBHOOK_KEYS, each for its own row. Older
// versions still open, so a key is changed by putting the new one first.
import { type Keyring, seal, unseal } from "#kit/sealing.js";
import type { Sealed } from "./core/types.js";

/** Seals and opens. */
export type Seal = ReturnType<typeof openSeal>;

export function openSeal({ newest, keys }: Keyring) {
  return {
    /** @param owner the id of what it belongs to */
    seal: (owner: string, text: string): Sealed => {
      const version = Buffer.from(newest);
      const sealed = seal(keys.get(newest) as Buffer, owner, Buffer.from(text));
      return Buffer.concat([Buffer.from([version.length]), version, sealed]);
    },
    /** @throws Error if its key is no longer in the settings, or it was sealed for another owner */
    open: (owner: string, sealed: Sealed): string => {
      const bytes = Buffer.from(sealed);
      const from = 1 + (bytes[0] ?? 0);
      const version = bytes.subarray(1, from).toString();
      const key = keys.get(version);
      if (!key) throw new Error(`the key "${version}" is not among WEBHOOK_KEYS`);
      return unseal(key, owner, bytes.subarray(from)).toString();
    },
  };
}
