// Guests at the edge: who brings a guest's token, and who may come without any.
import { createHmac } from "node:crypto";
import type { Caller } from "#kit/access.js";
import { unauthenticated } from "#kit/access.js";
import type { GuestTokens } from "#kit/guestTokens.js";
import type { Memory } from "./remember.js";

/** Whether a session still holds, as the service that keeps it says. */
export type AskSession = (sessionId: string) => Promise<boolean>;

/**
 * Reads a guest's token; one whose session was ended opens nothing as soon as what is remembered of it is forgotten.
 * @throws DomainError UNAUTHENTICATED; RpcError when nobody can say
 */
export function guestReader(tokens: GuestTokens, remembered: Memory<boolean>, isLive: AskSession) {
  return async (token: string): Promise<Caller> => {
    const { sessionId, customerId, orderId } = await tokens.read(token);
    if (!(await remembered(sessionId, () => isLive(sessionId)))) throw unauthenticated("a session that has ended");
    return { subject: customerId, role: "GUEST", via: "", orderId };
  };
}

/** Somebody of whom only the address is known, and that under a name that does not tell it. */
export function stranger(network: string, meshSecret: string): Caller {
  const name = createHmac("sha256", meshSecret).update(`stranger ${network}`).digest("base64url").slice(0, 22);
  return { subject: `net_${name}`, role: "GUEST", via: "" };
}
