// Who calls. People and outside systems bring a JWT of a known issuer; inside the mesh a service passes its caller on in
// a short-lived token of the mesh's own. Both are verified at every service's door, and remembered until they expire.
import { readFileSync } from "node:fs";
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
  SignJWT,
} from "jose";
import { type RoleWord, roles } from "#kit/contracts.js";
import { DomainError } from "#kit/pure/check.js";

/** Somebody who calls. `via` is the service that passes the call on, or "" when they call themselves. */
export type Caller = { readonly subject: string; readonly role: RoleWord; readonly via: string };

/** Names a caller for good, e.g. "CUSTOMER:c-17": who owns a request id. */
export function principal(caller: Caller): string {
  return `${caller.role}:${caller.subject}`;
}

/** Whether the caller may see what belongs to this customer: customers see their own, everybody else is staff. */
export function mayReach(caller: Caller, customerId: string): boolean {
  if (caller.role !== "CUSTOMER" && caller.role !== "GUEST") return true;
  return caller.subject === customerId;
}

/** Turns a bearer token into a caller. */
export type Verifier = (token: string) => Caller | Promise<Caller>;

/** Gives the token under which a call is passed on. */
export type Minter = (caller: Caller) => string | Promise<string>;

/** Where people's tokens come from. */
export type Issuer = {
  readonly issuer: string;
  readonly audience: string;
  /** A JWKS: a path, or an https URL. */
  readonly jwks: string;
};

const meshIssuer = "backhaul-mesh";
const meshTokenSeconds = 300;
const remembered = 10_000;

/** Verifies tokens of the issuer and of the mesh. A broken one is UNAUTHENTICATED, with the cause. */
export function createVerifier(issuer: Issuer, meshSecret: string): Verifier {
  const meshKey = new TextEncoder().encode(meshSecret);
  const issuerKeys = keysOf(issuer.jwks);
  const known = new Map<string, { caller: Caller; untilMs: number }>();

  async function verify(token: string): Promise<Caller> {
    const payload = await check(token);
    const role = roles.all.find((word) => word === payload.role);
    if (!role || !payload.sub || !payload.exp) throw unauthenticated("no role, subject or expiry in it");
    const caller = { subject: payload.sub, role, via: typeof payload.via === "string" ? payload.via : "" };
    if (known.size >= remembered) known.clear();
    known.set(token, { caller, untilMs: payload.exp * 1000 });
    return caller;
  }
  async function check(token: string): Promise<JWTPayload> {
    try {
      if (claimedIssuer(token) === meshIssuer) {
        return (await jwtVerify(token, meshKey, { issuer: meshIssuer, algorithms: ["HS256"] })).payload;
      }
      const expected = { issuer: issuer.issuer, audience: issuer.audience, algorithms: ["ES256", "EdDSA"] };
      return (await jwtVerify(token, issuerKeys, { ...expected, clockTolerance: 5 })).payload;
    } catch (error) {
      if (error instanceof errors.JOSEError) throw unauthenticated(error.code);
      throw error;
    }
  }
  return (token) => {
    const hit = known.get(token);
    if (hit && hit.untilMs > Date.now()) return hit.caller;
    return verify(token);
  };
}

/** Mints the mesh's own tokens, and uses each for most of its life. */
export function createMinter(service: string, meshSecret: string): Minter {
  const meshKey = new TextEncoder().encode(meshSecret);
  const minted = new Map<string, { token: string; untilMs: number }>();
  return (caller) => {
    const name = principal(caller);
    const hit = minted.get(name);
    if (hit && hit.untilMs > Date.now()) return hit.token;
    return (async () => {
      const token = await new SignJWT({ role: caller.role, via: service })
        .setProtectedHeader({ alg: "HS256" })
        .setIssuer(meshIssuer)
        .setSubject(caller.subject)
        .setExpirationTime(`${meshTokenSeconds}s`)
        .sign(meshKey);
      if (minted.size >= remembered) minted.clear();
      minted.set(name, { token, untilMs: Date.now() + (meshTokenSeconds - 60) * 1000 });
      return token;
    })();
  };
}

/** The token in an authorization header. Missing or of another scheme: UNAUTHENTICATED. */
export function bearer(header: string | undefined): string {
  if (!header) throw unauthenticated("no authorization header");
  const match = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(header);
  if (!match?.[1]) throw unauthenticated("not a bearer token");
  return match[1];
}

function unauthenticated(cause: string): DomainError {
  return new DomainError("UNAUTHENTICATED", `send a valid token as "authorization: Bearer …" (${cause})`, { cause });
}

/** Read before verifying, only to choose the key. */
function claimedIssuer(token: string): string | undefined {
  try {
    return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()).iss;
  } catch {
    return undefined; // the issuer's check will say what is wrong with it
  }
}

function keysOf(jwks: string): JWTVerifyGetKey {
  if (jwks.startsWith("http")) return createRemoteJWKSet(new URL(jwks));
  return createLocalJWKSet(JSON.parse(readFileSync(jwks, "utf8")));
}
