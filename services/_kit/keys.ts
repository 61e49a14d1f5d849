// An issuer's public keys, read again as they change: a new one is found when a token first names it, and one that was
// taken back is soon believed no more.
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { createLocalJWKSet, createRemoteJWKSet, customFetch, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import { Unavailable } from "#kit/errors.js";
import { failpoint } from "#kit/failpoint.js";

export type IssuerKeys = {
  /** @throws Unavailable ISSUER_KEYS_UNAVAILABLE if they cannot be read, and none that were read before serve */
  readonly find: JWTVerifyGetKey;
  /** Until when may be remembered what they verified. */
  freshUntilMs(): number;
};

// Keys that were read once serve so long when they cannot be read again: an issuer that is away locks nobody out.
const staleMs = 3_600_000;
const readMs = 3_000;
// Between two tries while an issuer cannot be reached.
const retryMs = 1_000;

/**
 * Opens the keys of an issuer. A key that is not known has them read again, no more often than once in a cool-down; so does
 * the first use after each cool-down, which does not wait for it.
 * @throws Error if they are in a file that cannot be read
 */
export function openKeys(issuer: string, jwks: string, coolDownMs: number): IssuerKeys {
  if (!isUrl(jwks)) keysIn(readFileSync(jwks, "utf8"));
  let readAtMs = 0;
  let failedAtMs = 0;
  const keys = createRemoteJWKSet(isUrl(jwks) ? new URL(jwks) : pathToFileURL(jwks), {
    cooldownDuration: coolDownMs,
    cacheMaxAge: staleMs,
    timeoutDuration: readMs,
    [customFetch]: async (url, options) => {
      if (Date.now() < failedAtMs + Math.min(retryMs, coolDownMs)) throw unreachable(issuer);
      try {
        const found = keysIn(isUrl(jwks) ? await fetched(url, options) : await readFile(jwks, "utf8"));
        readAtMs = Date.now();
        return Response.json(found);
      } catch {
        failedAtMs = Date.now();
        throw unreachable(issuer);
      }
    },
  });
  return {
    find: (header, token) => {
      // If it fails, what was read before goes on to serve.
      if (keys.fresh && !keys.coolingDown) keys.reload().catch(() => {});
      return keys(header, token);
    },
    freshUntilMs: () => readAtMs + coolDownMs,
  };
}

/** Whether keys are asked for over the network, instead of read from a file. */
export function isUrl(jwks: string): boolean {
  return /^https?:/.test(jwks);
}

async function fetched(url: string, options: RequestInit): Promise<string> {
  failpoint("http", "keys", "before");
  const answer = await fetch(url, options);
  failpoint("http", "keys", "after");
  if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}`);
  return answer.text();
}

function keysIn(body: string): JSONWebKeySet {
  const keys = JSON.parse(body);
  createLocalJWKSet(keys); // throws if it is none
  return keys;
}

function unreachable(issuer: string): Unavailable {
  return new Unavailable("ISSUER_KEYS_UNAVAILABLE", `the keys of ${issuer} cannot be read now; try again`, { issuer });
}
