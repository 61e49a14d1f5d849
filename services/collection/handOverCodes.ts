// The customer's six digits. Derived from the collection and a secret whenever they are wanted, so there is nothing to
// store and nothing to steal from a backup; with the secret, the codes of all open collections change.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Collection } from "./core/types.js";

export type HandOverCodes = {
  codeOf(collection: Pick<Collection, "collectionId" | "handOver">): string;
  /** Takes as long for a code that is nearly right as for one that is not. */
  fits(collection: Pick<Collection, "collectionId" | "handOver">, told: string): boolean;
  /** A told code as a request may be remembered by: it tells nobody the code. */
  sealed(told: string): string;
};

export function openHandOverCodes(secret: string): HandOverCodes {
  const key = createHmac("sha256", secret).update("hand-over-code").digest();
  const mac = (...parts: readonly string[]) => createHmac("sha256", key).update(JSON.stringify(parts)).digest();

  const codeOf: HandOverCodes["codeOf"] = ({ collectionId, handOver }) => {
    const bits = mac("code", collectionId, String(handOver?.codeRound ?? 0)).readUIntBE(0, 6);
    return String(bits % 1_000_000).padStart(6, "0");
  };
  return {
    codeOf,
    fits: (collection, told) => timingSafeEqual(hash(codeOf(collection)), hash(told)),
    sealed: (told) => (told === "" ? "" : mac("told", told).toString("base64url")),
  };
}

/** Of one length, whatever was told. */
function hash(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
