// The local issuer of people's tokens: a key pair in the mesh's folder. It stands in for a company's identity provider,
// which a deployed mesh is pointed to by TOKEN_JWKS, TOKEN_ISSUER and TOKEN_AUDIENCE. Called by the launcher, the token
// command and the replay.
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import { Role } from "#gen/backhaul/type/v1/access.js";
import { words } from "#kit/words.js";
import { readOrMake } from "./files.js";

export const issuerName = "backhaul-local";
export const audience = "backhaul";

const roles = words(Role, "ROLE_");

/** What a person's token may say they are. SERVICE is not among them: the mesh itself mints those. */
export const personRoles = roles.all.filter((role) => role !== "SERVICE");
export type PersonRole = Exclude<(typeof roles.all)[number], "SERVICE">;

export interface Issuer {
  /** The public keys, as a file. */
  readonly jwks: string;
  /** A token that lasts so many seconds; an hour unless told otherwise. A guest's names the one order they reach. */
  token(role: PersonRole, subject: string, seconds?: number, orderId?: string): Promise<string>;
}

/** Opens the issuer of a mesh's folder; makes its key when there is none. */
export async function openIssuer(dir: string): Promise<Issuer> {
  const jwk = await readOrMake<JWK>(join(dir, "issuer.json"), newKey);
  const jwks = join(dir, "jwks.json");
  const { d: _secret, ...open } = jwk;
  // Derived, so written each time: it can never belong to another key.
  writeFileSync(jwks, `${JSON.stringify({ keys: [open] }, undefined, 2)}\n`);
  const key = await importJWK(jwk, "ES256");
  return {
    jwks,
    token: (role, subject, seconds = 3600, order) =>
      new SignJWT({ role, order })
        .setProtectedHeader({ alg: "ES256", kid: jwk.kid ?? "" })
        .setIssuer(issuerName)
        .setAudience(audience)
        .setSubject(subject)
        .setIssuedAt()
        .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
        .sign(key),
  };
}

async function newKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: `local-${randomUUID().slice(0, 8)}`, alg: "ES256", use: "sig" };
}
