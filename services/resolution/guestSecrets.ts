// What is made of contacts and codes before anything is stored: whoever reads the database learns neither, and a million
// codes cannot be tried against what stands in it without the pepper.
import { createHash, createHmac, randomBytes, randomInt, timingSafeEqual } from "node:crypto";
import { seal, unseal } from "#kit/sealing.js";
import type { GuestCode } from "./core/guestCode.js";

export type GuestSecrets = ReturnType<typeof openGuestSecrets>;

// What a code that was never sent is held against, so that it takes as long as one that was.
const decoy = randomBytes(32);

export function openGuestSecrets(pepper: string) {
  const key = createHmac("sha256", pepper).update("guest-code").digest();
  const mac = (...parts: readonly string[]) => createHmac("sha256", key).update(JSON.stringify(parts)).digest();
  const sealing = createHmac("sha256", pepper).update("guest-contact").digest();
  const hashOf = (guestCodeId: string, code: string) => mac("code", guestCodeId, code);
  return {
    /** The one row of an order and a contact. */
    idOf: (orderId: string, contact: string): string =>
      `gco_${mac("id", orderId, contact).toString("hex").slice(0, 32)}`,
    newCode: (): string => String(randomInt(1_000_000)).padStart(6, "0"),
    hashOf,
    /** A contact as the step that sends the code takes it along, until that is done: for one code, and no longer. */
    hidden: (guestCodeId: string, contact: string): string =>
      seal(sealing, guestCodeId, Buffer.from(contact)).toString("base64url"),
    /** @throws Error if it was hidden for another code, or with another pepper */
    shown: (guestCodeId: string, hidden: string): string =>
      unseal(sealing, guestCodeId, Buffer.from(hidden, "base64url")).toString(),
    /** Takes as long for a code that is nearly right as for one that is not. */
    fits: ({ guestCodeId, codeHash }: Pick<GuestCode, "guestCodeId" | "codeHash">, told: string): boolean =>
      timingSafeEqual(sized(codeHash ?? decoy), sized(hashOf(guestCodeId, told))),
    /** A contact or a code as a request and a limit may be remembered by. */
    sealed: (what: string, told: string): string => mac(what, told).toString("base64url"),
  };
}

/** Of one length. */
function sized(bytes: Buffer): Buffer {
  return createHash("sha256").update(bytes).digest();
}
