// A code that makes somebody a guest of one order. One row per order and contact, whether there is such an order or not:
// what is stored, counted and answered does not tell.

/** ASKED: nothing was sent (yet). SENT: it opens. USED and LOCKED: nothing opens until another is asked for. */
export type GuestCodeState = "ASKED" | "SENT" | "USED" | "LOCKED";

export type GuestCode = {
  readonly guestCodeId: string;
  readonly orderId: string;
  readonly state: GuestCodeState;
  /** "" until the contact was found to be the order's. */
  readonly customerId: string;
  /** Of the code that was sent. */
  readonly codeHash: Buffer | undefined;
  readonly tries: number;
  /** Real time. */
  readonly expires: Date;
  readonly version: number;
};

/** What a guest may do, and until when. */
export type GuestSession = {
  readonly sessionId: string;
  readonly orderId: string;
  readonly customerId: string;
  readonly expires: Date;
};

/** How long a code holds. */
export const codeMs = 600_000;
/** How long a guest stays. */
export const sessionMs = 1_800_000;
export const triesMax = 5;

/** A contact as it is compared: "Kim@Example.com " and "kim@example.com", "+82 10-1234-5678" and "+821012345678" are one. */
export function plainContact(contact: string): string {
  const text = contact.normalize("NFKC").trim();
  return text.includes("@") ? text.toLowerCase() : text.replaceAll(/[\s().-]/g, "").toLowerCase();
}

/** A code asked for. It takes the place of any before it. */
export function askedFor(guestCodeId: string, orderId: string, at: Date): GuestCode {
  const expires = new Date(at.getTime() + codeMs);
  return {
    guestCodeId,
    orderId,
    state: "ASKED",
    customerId: "",
    codeHash: undefined,
    tries: 0,
    expires,
    version: 1,
  };
}

/** It is about to be sent to a contact of the order's. Unchanged where guests were sent away meanwhile. */
export function sent(code: GuestCode, customerId: string, codeHash: Buffer): GuestCode {
  if (code.state !== "ASKED" && code.state !== "SENT") return code;
  return { ...code, state: "SENT", customerId, codeHash, version: code.version + 1 };
}

/** A try. Counted whatever it finds, so that a locked code looks like one that never was. */
export function tried(code: GuestCode, fits: boolean, at: Date, sessionId: string) {
  const tries = code.tries + 1;
  const opens = code.state === "SENT" && fits && tries <= triesMax && at < code.expires;
  const state = opens ? "USED" : tries >= triesMax && code.state !== "USED" ? "LOCKED" : code.state;
  const next: GuestCode = { ...code, state, tries, version: code.version + 1 };
  // Tokens tell time in seconds.
  const endMs = Math.floor((at.getTime() + sessionMs) / 1000) * 1000;
  const session: GuestSession | undefined = opens
    ? { sessionId, orderId: code.orderId, customerId: code.customerId, expires: new Date(endMs) }
    : undefined;
  return { next, session };
}
