// Tokens for the matrix: right ones of every role, and every way in which one can be wrong. As authorization headers, for
// some are wrong by having none.
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { exportJWK, SignJWT, UnsecuredJWT } from "jose";
import { createMinter } from "#kit/access.js";
import { type RoleWord, roles } from "#kit/contracts.js";

/** What a caller sends; none if undefined. */
export type Header = string | undefined;
/** Ways to be wrong, by what is wrong. */
export type Wrongs = Readonly<Record<string, Header>>;
export type Tokens = ReturnType<typeof openTokens>;

const issuer = "matrix";
const audience = "backhaul";
const meshIssuer = "backhaul-mesh";
const pem = { format: "pem", type: "spki" } as const;

/** What a person's token can say they are. */
export const personRoles = roles.all.filter((role) => role !== "SERVICE");

/** Whose tokens are right, and somebody else's. */
export type Keys = Awaited<ReturnType<typeof makeKeys>>;

/** Makes the keys and lays the public one in a folder, for services to find. */
export async function makeKeys(folder: string) {
  const right = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const other = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = { ...(await exportJWK(right.publicKey)), kid: "right", alg: "ES256" };
  const jwks = join(folder, "matrix.jwks.json");
  writeFileSync(jwks, JSON.stringify({ keys: [jwk] }));
  /** `trusted` is the TOKEN_ISSUERS that believes them. */
  return { right, other, jwk, trusted: `${issuer}=${jwks}` };
}

export function openTokens({ right, other, jwk }: Keys, meshSecret: string) {
  const mint = createMinter("matrix", meshSecret);
  const meshKey = new TextEncoder().encode(meshSecret);
  const publicKeys = { PEM: right.publicKey.export(pem).toString(), JWK: JSON.stringify(jwk) };

  const claims = (role: unknown, change: (jwt: SignJWT) => SignJWT = (jwt) => jwt): SignJWT =>
    change(new SignJWT({ role }).setIssuer(issuer).setAudience(audience).setSubject("m-1").setExpirationTime("1h"));
  const es256 = (jwt: SignJWT, kid = "right", key: KeyObject = right.privateKey) =>
    jwt.setProtectedHeader({ alg: "ES256", kid }).sign(key);
  const hs256 = (jwt: SignJWT, secret: string | Uint8Array, kid?: string) =>
    jwt
      .setProtectedHeader({ alg: "HS256", ...(kid && { kid }) })
      .sign(typeof secret === "string" ? new TextEncoder().encode(secret) : secret);
  const ofMesh = (role: string) =>
    new SignJWT({ role, via: "gateway" }).setIssuer(meshIssuer).setSubject("m-1").setExpirationTime("5m");
  const past = () => Math.floor(Date.now() / 1000) - 60;

  /** Signed as it should be, then given another role. */
  async function swapped(role: RoleWord): Promise<string> {
    const [head, , signature] = (await es256(claims("GUEST"))).split(".");
    const [, body] = (await es256(claims(role === "GUEST" ? "CUSTOMER" : role))).split(".");
    return [head, body, signature].join(".");
  }

  return {
    /** A person's own. */
    person: async (role: RoleWord): Promise<string> => `Bearer ${await es256(claims(role))}`,
    /** As a service passes it on, or speaks for itself. */
    passedOn: async (role: RoleWord): Promise<string> => `Bearer ${await mint({ subject: "m-1", role, via: "" })}`,
    /** What is wrong wherever it comes. */
    wrong: async (role: RoleWord): Promise<Wrongs> => {
      const { role: _none, ...noRole } = { role, iss: issuer, aud: audience, sub: "m-1" };
      const unsigned = new UnsecuredJWT({ role })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject("m-1")
        .setExpirationTime("1h")
        .encode();
      const bearers: Record<string, string> = {
        malformed: "a.b.c",
        "no token at all": "",
        truncated: (await es256(claims(role))).slice(0, -4),
        "alg none": unsigned,
        // Of three parts, like a token that is signed.
        "alg none, and a signature": `${unsigned}c2lnbmVk`,
        "HS256 with the public key as PEM": await hs256(claims(role), publicKeys.PEM, "right"),
        "HS256 with the public key as JWK": await hs256(claims(role), publicKeys.JWK, "right"),
        "signed with another key": await es256(claims(role), "right", other.privateKey),
        "signed for another role": await swapped(role),
        "unknown key id": await es256(claims(role), "unknown"),
        "wrong issuer": await es256(claims(role, (jwt) => jwt.setIssuer("somebody"))),
        "no issuer": await es256(new SignJWT({ role }).setAudience(audience).setSubject("m-1").setExpirationTime("1h")),
        "wrong audience": await es256(claims(role, (jwt) => jwt.setAudience("shop"))),
        "no audience": await es256(new SignJWT({ role }).setIssuer(issuer).setSubject("m-1").setExpirationTime("1h")),
        expired: await es256(claims(role, (jwt) => jwt.setExpirationTime(past()))),
        "no expiry": await es256(new SignJWT({ role }).setIssuer(issuer).setAudience(audience).setSubject("m-1")),
        "not yet valid": await es256(claims(role, (jwt) => jwt.setNotBefore("10m"))),
        "no subject": await es256(
          new SignJWT({ role }).setIssuer(issuer).setAudience(audience).setExpirationTime("1h"),
        ),
        "no role": await es256(new SignJWT(noRole).setExpirationTime("1h")),
        "a role there is none": await es256(claims("ROOT")),
        "a person as SERVICE": await es256(claims("SERVICE")),
        "of the mesh, alg none": new UnsecuredJWT({ role, via: "gateway" })
          .setIssuer(meshIssuer)
          .setSubject("m-1")
          .setExpirationTime("5m")
          .encode(),
        "of the mesh, another secret": await hs256(ofMesh(role), "x".repeat(32)),
        "of the mesh, the public key as secret": await hs256(ofMesh(role), publicKeys.PEM),
        "of the mesh, signed by the issuer": await es256(ofMesh(role)),
        "of the mesh, expired": await hs256(ofMesh(role).setExpirationTime(past()), meshKey),
        "a person's, signed with the mesh's secret": await hs256(claims(role), meshKey),
      };
      const headers = Object.entries(bearers).map(([what, token]) => [what, `Bearer ${token}`]);
      return { none: undefined, "another scheme": `Basic ${btoa("m-1:x")}`, ...Object.fromEntries(headers) };
    },
  };
}
