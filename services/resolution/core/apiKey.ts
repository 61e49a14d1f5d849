// A key of a seller's or a carrier's system: who made it for whom, what it opens, and when it stops.
import { check } from "#kit/pure/check.js";

export type ApiKeyHolder = "SELLER" | "CARRIER";
export type ApiKeyState = "ACTIVE" | "EXPIRED" | "REVOKED";

export type ApiKey = {
  readonly apiKeyId: string;
  readonly holder: ApiKeyHolder;
  readonly holderId: string;
  readonly market: string;
  readonly scopes: readonly string[];
  readonly label: string;
  readonly creator: string;
  /** Of the whole key. It has 238 bits of chance in it: a plain hash of it tells nobody anything. */
  readonly sha256: Buffer;
  readonly createTime: Date;
  /** Real time, as all times of a key. */
  readonly expireTime: Date;
  readonly revokeTime: Date | undefined;
  readonly lastUseTime: Date | undefined;
  /** The key that takes its place; "" while there is none. */
  readonly successorId: string;
  readonly version: number;
};

/** Longer than a year, so that a key that is changed once a year never lapses for a late day. */
export const lastsMaxMs = 400 * 86_400_000;

export function stateAt({ revokeTime, expireTime }: ApiKey, at: Date): ApiKeyState {
  if (revokeTime) return "REVOKED";
  return at < expireTime ? "ACTIVE" : "EXPIRED";
}

/** ACTIVE → REVOKED. @throws DomainError API_KEY_STATE */
export function revoke(key: ApiKey, at: Date): ApiKey {
  checkActive(key, at, "revoke");
  return { ...key, revokeTime: at, version: key.version + 1 };
}

/** What a new key takes over, and how the one before it ends. @throws DomainError API_KEY_STATE */
export function rotate(
  key: ApiKey,
  fresh: Pick<ApiKey, "apiKeyId" | "sha256" | "creator">,
  { overlapMs, expireTime, at }: { overlapMs: number; expireTime: Date | undefined; at: Date },
): { former: ApiKey; next: ApiKey } {
  checkActive(key, at, "rotate");
  check(key.successorId === "", "API_KEY_STATE", `${key.apiKeyId} has ${key.successorId} in its place already`, {
    api_key_id: key.apiKeyId,
    state: "ACTIVE",
    verb: "rotate",
  });
  const lastsMs = key.expireTime.getTime() - key.createTime.getTime();
  const endMs = Math.min(key.expireTime.getTime(), at.getTime() + overlapMs);
  return {
    former: { ...key, expireTime: new Date(endMs), successorId: fresh.apiKeyId, version: key.version + 1 },
    next: {
      ...key,
      ...fresh,
      createTime: at,
      expireTime: expireTime ?? new Date(at.getTime() + lastsMs),
      lastUseTime: undefined,
      successorId: "",
      version: 1,
    },
  };
}

function checkActive(key: ApiKey, at: Date, verb: string): void {
  const state = stateAt(key, at);
  check(state === "ACTIVE", "API_KEY_STATE", `${key.apiKeyId} is ${state}: it cannot be ${verb}d`, {
    api_key_id: key.apiKeyId,
    state,
    verb,
  });
}
