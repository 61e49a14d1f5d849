// Who calls. People and outside systems bring a JWT of an issuer that the settings name; inside the mesh a service passes
// its caller on in a short-lived token of the mesh's own. Both are verified at every service's door, and remembered until
// they expire, or their issuer's keys are to be read again.
import { errors, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { type RoleWord, roles } from "#kit/contracts.js";
import { type Issuer, issuersOf, meshIssuer, type TokenSettings } from "#kit/issuers.js";
import { type IssuerKeys, openKeys } from "#kit/keys.js";
import { DomainError } from "#kit/pure/check.js";

/** Somebody who calls. `via` is the service that passes the call on, or "" when they call themselves. */
export type Caller = {
  readonly subject: string;
  readonly role: RoleWord;
  readonly via: string;
  /** The one order that a guest reaches, as its customer would; a guest without one reaches nothing. */
  readonly orderId?: string;
  /** The one market that an outside system's key is for. */
  readonly market?: string;
};

/** What is somebody's: a customer's, and about an order. */
export type Owned = { readonly customerId: string; readonly orderId: string };

/** Names a caller for good, e.g. "CUSTOMER:c-17": who owns a request id. A guest of another order is somebody else. */
export function principal({ role, subject, orderId }: Caller): string {
  return orderId === undefined ? `${role}:${subject}` : `${role}:${subject}@${orderId}`;
}

/**
 * Whether the caller may see this: customers see their own, guests what is their customer's and about their order;
 * everybody else is staff.
 */
export function mayReach(caller: Caller, { customerId, orderId }: Owned): boolean {
  if (caller.role === "CUSTOMER") return caller.subject === customerId;
  if (caller.role === "GUEST") return caller.subject === customerId && caller.orderId === orderId;
  return true;
}

/** Whether what is of this market is there for the caller: a key for one market opens no other. */
export function isInMarket({ market }: Caller, of: string): boolean {
  return market === undefined || market === of;
}

/** Turns a bearer token into a caller. */
export type Verifier = (token: string) => Caller | Promise<Caller>;

/** Gives the token under which a call is passed on. */
export type Minter = (caller: Caller) => string | Promise<string>;

const meshTokenSeconds = 300;
const remembered = 10_000;

/** An issuer whose keys are open. */
type OpenIssuer = Issuer & { readonly keys: IssuerKeys };
/** A token that holds: who brings it, and until when it need not be looked at again. */
type Verified = { readonly caller: Caller; readonly untilMs: number };

// Only such as are verified with a public key: a secret that both sides know would let each verifier sign, too.
const algorithms = [
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
];
// As far as an issuer's clock may be off ours.
const clockToleranceSeconds = 5;
const coolDownMs = 30_000;

/**
 * Verifies tokens of the issuers and of the mesh. A broken one is UNAUTHENTICATED, with the cause; one whose issuer's keys
 * cannot be read is ISSUER_KEYS_UNAVAILABLE.
 * @throws Error if an issuer's keys are in a file that cannot be read
 */
export function createVerifier(settings: TokenSettings, meshSecret: string): Verifier {
  const meshKey = new TextEncoder().encode(meshSecret);
  const issuers = new Map<string, OpenIssuer>();
  for (const issuer of issuersOf(settings)) {
    issuers.set(issuer.issuer, {
      ...issuer,
      keys: openKeys(issuer.issuer, issuer.jwks, settings.keysCoolDownMs ?? coolDownMs),
    });
  }
  const known = new Map<string, Verified>();

  async function verify(token: string): Promise<Caller> {
    const verified = await check(token);
    if (known.size >= remembered) known.clear();
    known.set(token, verified);
    return verified.caller;
  }
  async function check(token: string): Promise<Verified> {
    const claimed = claimedIssuer(token);
    try {
      if (claimed === meshIssuer) return await ofMesh(token, meshKey);
      const issuer = issuers.get(claimed ?? "");
      if (!issuer) throw unauthenticated("an issuer that is not known here");
      return await ofPerson(token, issuer);
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

async function ofMesh(token: string, meshKey: Uint8Array): Promise<Verified> {
  const { payload } = await jwtVerify(token, meshKey, { issuer: meshIssuer, algorithms: ["HS256"] });
  const { subject, role, untilMs, ...bound } = claimsOf(payload);
  return { caller: { subject, role, via: typeof payload.via === "string" ? payload.via : "", ...bound }, untilMs };
}

async function ofPerson(token: string, { issuer, audience, roles, keys }: OpenIssuer): Promise<Verified> {
  const expected = { issuer, audience, algorithms, clockTolerance: clockToleranceSeconds };
  const { payload } = await jwtVerify(token, keys.find, expected);
  const { subject, role, untilMs, ...bound } = claimsOf(payload);
  if (!roles.has(role)) throw unauthenticated(`its issuer makes nobody ${role}`);
  return { caller: { subject, role, via: "", ...bound }, untilMs: Math.min(untilMs, keys.freshUntilMs()) };
}

function claimsOf({ sub, exp, role: claimed, order, market }: JWTPayload): Omit<Caller, "via"> & { untilMs: number } {
  const role = roles.all.find((word) => word === claimed);
  if (!role || !sub || !exp) throw unauthenticated("no role, subject or expiry in it");
  return {
    subject: sub,
    role,
    untilMs: exp * 1000,
    ...(typeof order === "string" && { orderId: order }),
    ...(typeof market === "string" && { market }),
  };
}

/** Mints the mesh's own tokens, and uses each for most of its life. */
export function createMinter(service: string, meshSecret: string): Minter {
  const meshKey = new TextEncoder().encode(meshSecret);
  const minted = new Map<string, { token: string; untilMs: number }>();
  return (caller) => {
    const name = `${principal(caller)} ${caller.market ?? ""}`;
    const hit = minted.get(name);
    if (hit && hit.untilMs > Date.now()) return hit.token;
    return (async () => {
      const token = await new SignJWT({ role: caller.role, via: service, order: caller.orderId, market: caller.market })
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

/** What a broken token or key comes to. */
export function unauthenticated(cause: string): DomainError {
  return new DomainError("UNAUTHENTICATED", `send a valid token as "authorization: Bearer …" (${cause})`, { cause });
}

/** Read before verifying, only to choose the keys. */
export function claimedIssuer(token: string): string | undefined {
  try {
    return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()).iss;
  } catch {
    return undefined; // nobody's
  }
}
