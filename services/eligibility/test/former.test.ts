// Versions that were put in force before documents had their present shape: they judge as they did.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { decide } from "../core/decide.js";
import { parseDocument } from "../core/document.js";
import { compile } from "../core/engine.js";
import { parseStored } from "../core/former.js";
import { asked, calendars, jsonOf, line, type Market, markets, order } from "./builders.js";

const jsonThen = (market: Market) =>
  readFileSync(new URL(`./documents/former-${market}.json`, import.meta.url), "utf8");
const delivered = "2026-06-02T03:00:00Z";
const day = (n: number) => new Date(Date.parse(delivered) + n * 86_400_000);

describe("a document of the former shape", () => {
  /** By hand, from what these documents said. */
  const cases = [
    { market: "KR", day: 7, verdict: "ACCEPT", rule: "kr-withdrawal", trigger: "ON_PICKUP_SCAN", fee: 3000n },
    { market: "KR", day: 9, verdict: "DECLINE", rule: "kr-too-late" },
    { market: "KR", day: 20, tier: "PLUS", verdict: "ACCEPT", rule: "kr-withdrawal", trigger: "ON_PICKUP_SCAN" },
    { market: "TW", day: 9, verdict: "ACCEPT", rule: "tw-rescission", trigger: "ON_INSPECTION" },
    { market: "TW", day: 20, tier: "PLUS", verdict: "ACCEPT", rule: "tw-rescission", trigger: "ON_DEADLINE" },
    { market: "GB", day: 29, verdict: "ACCEPT", rule: "gb-change-of-mind", trigger: "ON_INSPECTION", fee: 295n },
    { market: "GB", day: 31, verdict: "DECLINE", rule: "gb-too-late" },
  ] as const;
  for (const { market, day: on, verdict, rule, ...expected } of cases) {
    const tier = "tier" in expected ? expected.tier : "NONE";
    it(`of ${market} says on day ${on}, tier ${tier}: ${verdict} by ${rule}`, () => {
      const policy = compile(parseStored(jsonThen(market)));
      const bought = order(market, [line({}, market)], delivered, { tier });
      const judgement = decide(
        policy,
        calendars[market],
        bought,
        asked("RETURN", { reason: "NO_LONGER_NEEDED" }),
        day(on),
      );
      assert.deepEqual([judgement.verdict, judgement.lines[0]?.rule], [verdict, rule]);
      assert.equal(judgement.terms?.trigger, "trigger" in expected ? expected.trigger : undefined);
      assert.equal(judgement.terms?.fees[0]?.amount.minor, "fee" in expected ? expected.fee : undefined);
      if (judgement.terms) assert.equal(judgement.terms.handoverDays, market === "TW" ? 15 : 14);
    });
  }
  it("is not taken as a new one: it has to say what documents say today", () => {
    for (const market of markets) assert.throws(() => parseDocument(jsonThen(market)), { reason: "POLICY_BROKEN" });
  });
  it("is told apart from one of today, which is read as it stands", () => {
    assert.deepEqual(parseStored(jsonOf("KR")), parseDocument(jsonOf("KR")));
  });
});
