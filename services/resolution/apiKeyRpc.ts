// The rpcs of backhaul.resolution.v1.ApiKeyService: keys are made, shown without their secret, changed, taken back, and
// checked for the edge.
import { timingSafeEqual } from "node:crypto";
import {
  ApiKeyHolder,
  type ApiKey as ApiKeyMessage,
  ApiKeyState,
  type CreateApiKeyRequest,
  ApiKeyServiceService as methods,
} from "#gen/backhaul/resolution/v1/api_key_service.js";
import { byRequest } from "#kit/aggregate.js";
import { makeApiKey } from "#kit/apiKeys.js";
import type { Clock } from "#kit/clock.js";
import { accessOf, registry } from "#kit/contracts.js";
import { InvalidRequest } from "#kit/errors.js";
import { DomainError } from "#kit/pure/check.js";
import type { Handlers } from "#kit/server.js";
import { words } from "#kit/words.js";
import type { ApiKeyStore } from "./apiKeyStore.js";
import { type ApiKey, type ApiKeyHolder as Holder, lastsMaxMs, revoke, rotate, stateAt } from "./core/apiKey.js";
import type { KeyUses } from "./keyUses.js";

export type ApiKeyParts = {
  readonly keys: ApiKeyStore;
  readonly uses: KeyUses;
  /** Keys last as long for everybody, whatever the sandbox's clock says. */
  readonly realClock: Clock;
};

const holders = words(ApiKeyHolder, "API_KEY_HOLDER_");
const states = words(ApiKeyState, "API_KEY_STATE_");
const unknown = {
  state: ApiKeyState.API_KEY_STATE_UNSPECIFIED,
  holder: ApiKeyHolder.API_KEY_HOLDER_UNSPECIFIED,
  holderId: "",
  market: "",
  scopes: [],
  expireTime: undefined,
};

export function apiKeyRpc({ keys, uses, realClock }: ApiKeyParts): Handlers<typeof methods> {
  const now = () => realClock.now();
  const shown = (key: ApiKey): ApiKeyMessage => toApiKey(key, now());

  return {
    async createApiKey(request, call) {
      const holder = holders.word(request.holder) ?? "SELLER";
      checkScopes(request, holder);
      const { text, ...made } = makeApiKey();
      const { holderId, market, scopes, label } = request;
      const key: ApiKey = {
        ...made,
        ...{ holder, holderId, market, scopes, label },
        creator: call.caller.subject,
        createTime: now(),
        expireTime: endOf(request.expireTime, now()),
        revokeTime: undefined,
        lastUseTime: undefined,
        successorId: "",
        version: 1,
      };
      // The secret is told beside what is kept: a repeated request finds it nowhere.
      const spend = byRequest(methods.createApiKey, request, call, (kept: ApiKey) => ({
        apiKey: shown(kept),
        secret: "",
      }));
      const kept = await keys.create(spend, key);
      return { ...kept, secret: kept.apiKey?.apiKeyId === key.apiKeyId ? text : "" };
    },

    getApiKey: async ({ apiKeyId }) => ({ apiKey: shown(await keys.find(apiKeyId)) }),

    async listApiKeys({ holderId, ...page }) {
      const { rows, nextPageToken } = await keys.list(holderId, page);
      return { apiKeys: rows.map(shown), nextPageToken };
    },

    async revokeApiKey(request, call) {
      const spend = byRequest(methods.revokeApiKey, request, call, (key: ApiKey) => ({ apiKey: shown(key) }));
      return keys.change(request.apiKeyId, spend, (key) => ({ next: revoke(key, now()) }));
    },

    async rotateApiKey(request, call) {
      const { text, ...made } = makeApiKey();
      let successor: ApiKey | undefined;
      const spend = byRequest(methods.rotateApiKey, request, call, (former: ApiKey) => ({
        apiKey: successor && shown(successor),
        secret: "",
        former: shown(former),
      }));
      const at = now();
      const expireTime = request.expireTime && endOf(request.expireTime, at);
      const overlapMs = request.overlapSeconds * 1000;
      const kept = await keys.change(request.apiKeyId, spend, (key) => {
        const turned = rotate(key, { ...made, creator: call.caller.subject }, { overlapMs, expireTime, at });
        successor = turned.next;
        return { next: turned.former, successor };
      });
      return { ...kept, secret: kept.apiKey?.apiKeyId === made.apiKeyId ? text : "" };
    },

    async checkApiKey({ apiKeyId, sha256 }) {
      const key = await found(apiKeyId);
      if (!key || !timingSafeEqual(key.sha256, sha256)) return unknown;
      const { holder, holderId, market, scopes, expireTime } = key;
      const state = stateAt(key, now());
      if (state === "ACTIVE") uses.note(apiKeyId, now());
      return {
        state: states.value(state),
        holder: holders.value(holder),
        ...{ holderId, market, scopes: [...scopes], expireTime },
      };
    },
  };

  async function found(apiKeyId: string): Promise<ApiKey | undefined> {
    try {
      return await keys.find(apiKeyId);
    } catch (error) {
      if (error instanceof DomainError && error.reason === "API_KEY_NOT_FOUND") return undefined;
      throw error;
    }
  }
}

/** Each is a service or an rpc that the holder's role may call. @throws InvalidRequest */
function checkScopes({ scopes }: CreateApiKeyRequest, holder: Holder): void {
  const violations = scopes.flatMap((scope, i) => {
    const [service = "", rpc] = scope.split("/");
    const methods = registry.getService(service)?.methods.filter(({ name }) => rpc === undefined || name === rpc) ?? [];
    const opens = methods.some((method) => accessOf(method).roles.has(holder));
    return opens ? [] : [{ field: `scopes[${i}]`, description: `names nothing that ${holder} may call` }];
  });
  if (violations.length > 0) throw new InvalidRequest(violations);
}

/** @throws InvalidRequest for a time that is over, or too far away */
function endOf(expireTime: Date | undefined, at: Date): Date {
  const lastsMs = (expireTime?.getTime() ?? 0) - at.getTime();
  if (expireTime && lastsMs > 0 && lastsMs <= lastsMaxMs) return expireTime;
  throw new InvalidRequest([{ field: "expire_time", description: "must be in the next 400 days" }]);
}

function toApiKey(key: ApiKey, at: Date): ApiKeyMessage {
  const { sha256: _hash, version: _version, holder, scopes, ...rest } = key;
  return { ...rest, scopes: [...scopes], holder: holders.value(holder), state: states.value(stateAt(key, at)) };
}
