// Who may sign people's tokens: the settings that name the issuers, and what roles each may give. Read by the config.ts of
// whoever lets people in; the verifier (access.ts) believes nobody else.
import { integer, type Setting, text } from "#kit/config.js";
import { type RoleWord, roles } from "#kit/contracts.js";
import { isUrl } from "#kit/keys.js";

/** Somebody whose tokens are believed. */
export type Issuer = {
  /** The `iss` of its tokens, to the letter. */
  readonly issuer: string;
  readonly audience: string;
  /** A JWKS: a path, or an https URL. */
  readonly jwks: string;
  /** What its tokens may say people are; never SERVICE, which only the mesh itself is. */
  readonly roles: ReadonlySet<RoleWord>;
};

/** An issuer as a setting names it. Without an audience of its own, TOKEN_AUDIENCE holds. */
type NamedIssuer = Omit<Issuer, "audience"> & { readonly audience?: string };

/** What the settings say of issuers. */
export type TokenSettings = {
  readonly issuer: string;
  readonly audience: string;
  readonly jwks?: string | undefined;
  /** Instead of the one above; with none in it, nobody but the mesh is believed. */
  readonly issuers?: readonly NamedIssuer[] | null;
  readonly keysCoolDownMs?: number;
};

/** The issuer of the tokens that services pass on. */
export const meshIssuer = "backhaul-mesh";

const personRoles: ReadonlySet<RoleWord> = new Set(roles.all.filter((role) => role !== "SERVICE"));

/** For a config.ts. */
export const tokenSettings = {
  issuer: text("TOKEN_ISSUER", "issuer of people's tokens", "backhaul-local"),
  audience: text("TOKEN_AUDIENCE", "audience that people's tokens must name", "backhaul"),
  jwks: jwks("TOKEN_JWKS", "public keys of that issuer: a JWKS file or https URL"),
  issuers: issuers("TOKEN_ISSUERS", "several issuers: issuer=jwks pairs with commas between, or a JSON list"),
  keysCoolDownMs: integer("TOKEN_KEYS_COOL_DOWN_MS", "an issuer's keys are read again no more often than this", {
    min: 50,
    fallback: 30_000,
  }),
};

/** The issuers that the settings name: those of the list if there is one, else the single one, which may give any role. */
export function issuersOf({ issuer, audience, jwks = "", issuers }: TokenSettings): readonly Issuer[] {
  if (issuers) return issuers.map((one) => ({ audience, ...one }));
  return [{ issuer, audience, jwks, roles: personRoles }];
}

/** Missing is no mistake where TOKEN_ISSUERS says more. */
function jwks(name: string, about: string): Setting<string | undefined> {
  return { name, about, fallback: undefined, unless: "TOKEN_ISSUERS", parse: readJwks };
}

/** Whoever could change an answer on its way could sign as anybody: plain http is for this machine alone. */
function readJwks(value: string): string {
  if (!isUrl(value)) return value;
  const { protocol, hostname } = new URL(value);
  if (protocol === "http:" && !["localhost", "127.0.0.1", "[::1]"].includes(hostname)) throw new Error("is not https");
  return value;
}

function issuers(name: string, about: string): Setting<readonly NamedIssuer[] | null> {
  return { name, about, fallback: null, parse: readIssuers };
}

/**
 * Reads `https://id.example.com=https://id.example.com/jwks,staff=/keys/staff.json`, or
 * `[{"issuer": …, "jwks": …, "audience": …, "roles": ["CUSTOMER", "GUEST"]}]`.
 * @throws Error naming what is wrong in it
 */
function readIssuers(value: string): readonly NamedIssuer[] {
  const read = (value.trimStart().startsWith("[") ? jsonList(value) : value.split(",").map(pair)).map(readIssuer);
  const names = read.map(({ issuer }) => issuer);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice) throw new Error(`names ${twice} twice`);
  return read;
}

function jsonList(value: string): Readonly<Record<string, unknown>>[] {
  try {
    return JSON.parse(value);
  } catch {
    throw new Error("is no JSON list");
  }
}

function pair(text: string): Readonly<Record<string, unknown>> {
  const [, issuer, jwks] = /^\s*([^=\s]+)=(\S+)\s*$/.exec(text) ?? [];
  return { issuer, jwks };
}

function readIssuer(entry: Readonly<Record<string, unknown>> | null): NamedIssuer {
  const { issuer, jwks, audience, roles: named, ...rest } = entry ?? {};
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new Error(`has a field ${unknown}, which is none of issuer, jwks, audience, roles`);
  if (typeof issuer !== "string" || typeof jwks !== "string") throw new Error("has an entry without issuer or jwks");
  if (issuer === meshIssuer) throw new Error(`names ${meshIssuer}, which is the mesh's own`);
  if (audience !== undefined && typeof audience !== "string") throw new Error(`has no audience for ${issuer}`);
  return { issuer, jwks: readJwks(jwks), roles: readRoles(issuer, named), ...(audience ? { audience } : {}) };
}

function readRoles(issuer: string, named: unknown): ReadonlySet<RoleWord> {
  if (named === undefined) return personRoles;
  const people = [...personRoles];
  const words = Array.isArray(named) ? named.map((word) => people.find((role) => role === word)) : [];
  if (words.length === 0 || words.includes(undefined)) {
    throw new Error(`has roles for ${issuer} that are not of ${people.join(", ")}`);
  }
  return new Set(words.flatMap((word) => word ?? []));
}
