// Sellers' and carriers' systems at the edge, by their keys: a key is read, asked about where it is kept, and remembered
// for a short while under its hash. Its text stands nowhere, in no memory and in no log.
import { ApiKeyHolder, ApiKeyState, type CheckApiKeyResponse } from "#gen/backhaul/resolution/v1/api_key_service.js";
import { type Caller, unauthenticated } from "#kit/access.js";
import { type ReadKey, readApiKey } from "#kit/apiKeys.js";
import { check } from "#kit/pure/check.js";
import { words } from "#kit/words.js";
import type { Memory } from "./remember.js";
import type { Route } from "./routes.js";

/** What the service that keeps a key says of it. */
export type AskKey = (key: ReadKey) => Promise<CheckApiKeyResponse>;

const holders = words(ApiKeyHolder, "API_KEY_HOLDER_");
const states = words(ApiKeyState, "API_KEY_STATE_");

/**
 * Reads a key that is sent for a route.
 * @throws DomainError UNAUTHENTICATED, SCOPE_NOT_ALLOWED; RpcError when nobody can say
 */
export function apiKeyReader(remembered: Memory<CheckApiKeyResponse>, ask: AskKey) {
  return async (text: string, { path }: Route): Promise<Caller> => {
    const key = readApiKey(text);
    if (!key) throw unauthenticated("a key that is none: its checksum does not fit");
    const known = await remembered(key.sha256.toString("base64url"), () => ask(key));
    const state = states.word(known.state);
    const role = holders.word(known.holder);
    if (!state || !role) throw unauthenticated("a key that is not known");
    const over = known.expireTime !== undefined && known.expireTime.getTime() <= Date.now();
    if (state !== "ACTIVE" || over)
      throw unauthenticated(state === "REVOKED" ? "a key that was revoked" : "a key that has expired");
    const method = path.slice(1);
    const [service = ""] = method.split("/");
    const scoped = known.scopes.includes(service) || known.scopes.includes(method);
    check(scoped, "SCOPE_NOT_ALLOWED", `this key is not for ${method}`, { api_key_id: key.apiKeyId, method });
    return { subject: known.holderId, role, via: "", market: known.market };
  };
}
