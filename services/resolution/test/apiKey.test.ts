import assert from "node:assert/strict";
import { isApiKey, makeApiKey, readApiKey } from "#kit/apiKeys.js";
import { type ApiKey, revoke, rotate, stateAt } from "../core/apiKey.js";

const at = new Date("2026-11-23T10:00:00Z");
const later = (days: number) => new Date(at.getTime() + days * 86_400_000);

function key(change: Partial<ApiKey> = {}): ApiKey {
  return {
    apiKeyId: "key_1",
    holder: "SELLER",
    holderId: "seller-a",
    market: "KR",
    scopes: ["backhaul.inspection.v1.InspectionService"],
    label: "shop system",
    creator: "olga",
    sha256: Buffer.alloc(32),
    createTime: at,
    expireTime: later(100),
    revokeTime: undefined,
    lastUseTime: undefined,
    successorId: "",
    version: 1,
    ...change,
  };
}
const fresh = { apiKeyId: "key_2", sha256: Buffer.alloc(32, 1), creator: "lee" };

describe("the text of a key", () => {
  it("is found by a secret scanner's expression, and says which key it is", () => {
    const { text, apiKeyId, sha256 } = makeApiKey();
    assert.match(text, /^bh_live_[0-9A-HJKMNP-TV-Z]{26}_[0-9A-Za-z]{46}$/);
    assert.deepEqual(readApiKey(text), { apiKeyId, sha256 });
    assert.ok(isApiKey(text) && !isApiKey("eyJhbGciOiJFUzI1NiJ9.e30.x"));
  });

  it("is none once a single character of it was changed", () => {
    const { text } = makeApiKey();
    for (let i = 0; i < text.length; i++) {
      const other = text[i] === "1" ? "2" : "1";
      assert.equal(readApiKey(text.slice(0, i) + other + text.slice(i + 1)), undefined, `character ${i}`);
    }
  });

  it("is never the same twice", () => {
    assert.equal(new Set(Array.from({ length: 500 }, () => makeApiKey().text.slice(-46))).size, 500);
  });
});

describe("a key", () => {
  it("is over when its time is, and for good when it was taken back", () => {
    assert.equal(stateAt(key(), later(99)), "ACTIVE");
    assert.equal(stateAt(key(), later(100)), "EXPIRED");
    assert.equal(stateAt(revoke(key(), later(1)), later(2)), "REVOKED");
    assert.throws(() => revoke(revoke(key(), later(1)), later(2)), { reason: "API_KEY_STATE" });
    assert.throws(() => revoke(key(), later(100)), { reason: "API_KEY_STATE" });
  });

  it("gives its place to another one, and both open as long as they overlap", () => {
    const turn = { overlapMs: 7 * 86_400_000, expireTime: undefined, at: later(60) };
    const { former, next } = rotate(key(), fresh, turn);
    assert.deepEqual([stateAt(former, later(66)), stateAt(former, later(67))], ["ACTIVE", "EXPIRED"]);
    assert.equal(former.successorId, "key_2");
    assert.deepEqual(next.expireTime, later(160), "as long as the one before was made for");
    assert.deepEqual([next.holderId, next.market, next.scopes], ["seller-a", "KR", key().scopes]);
    assert.throws(() => rotate(former, fresh, turn), { reason: "API_KEY_STATE" }, "once");
  });

  it("never lives longer for being changed", () => {
    const turn = { overlapMs: 30 * 86_400_000, expireTime: later(300), at: later(99) };
    const { former, next } = rotate(key(), fresh, turn);
    assert.deepEqual([former.expireTime, next.expireTime], [later(100), later(300)]);
  });
});
