// The token of somebody who proved an order number and its contact: signed by the service that holds the session, read by
// the edge alone. Under a key of its own, made from the mesh's secret, so that it is never taken for a token that services
// pass on, nor the other way round.
import { createHmac } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";
import { claimedIssuer, unauthenticated } from "#kit/access.js";

/** What a guest's token says. */
export type GuestClaims = {
  readonly sessionId: string;
  readonly orderId: string;
  readonly customerId: string;
  /** To the second. */
  readonly expires: Date;
};

export type GuestTokens = {
  /** The same claims give the same token: a request that is repeated gets the one it got. */
  sign(claims: GuestClaims): Promise<string>;
  /** Whether a token says of itself that it is a guest's. */
  isOne(token: string): boolean;
  /** @throws DomainError UNAUTHENTICATED */
  read(token: string): Promise<GuestClaims>;
};

const issuer = "backhaul-guests";

export function openGuestTokens(meshSecret: string): GuestTokens {
  const key = createHmac("sha256", meshSecret).update("guest-token").digest();
  return {
    sign: ({ sessionId, orderId, customerId, expires }) =>
      new SignJWT({ order: orderId })
        .setProtectedHeader({ alg: "HS256" })
        .setIssuer(issuer)
        .setJti(sessionId)
        .setSubject(customerId)
        .setExpirationTime(Math.floor(expires.getTime() / 1000))
        .sign(key),
    isOne: (token) => claimedIssuer(token) === issuer,
    read: async (token) => {
      try {
        const { payload } = await jwtVerify(token, key, { issuer, algorithms: ["HS256"] });
        const { jti, sub, exp, order } = payload;
        if (!jti || !sub || !exp || typeof order !== "string") throw unauthenticated("no session or order in it");
        return { sessionId: jti, customerId: sub, orderId: order, expires: new Date(exp * 1000) };
      } catch (error) {
        if (error instanceof errors.JOSEError) throw unauthenticated(error.code);
        throw error;
      }
    },
  };
}
