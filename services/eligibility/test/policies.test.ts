// The shipped policies, by cases that were worked out by hand: what a customer of each market is answered, by which rule,
// on which terms. They stand in golden/<market>.cases.txt, one per line; all there is besides is in golden.test.ts.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import type { Judgement } from "../core/decide.js";
import { assertSound, findings } from "../core/lint.js";
import type { Kind, Listing } from "../core/words.js";
import { asked, documentOf, judged, line, type Market, markets, order, policies } from "./builders.js";

type Case = Record<"asked" | "reason" | "when" | "besides" | "verdict" | "rule" | "terms", string>;

function casesOf(market: Market): Case[] {
  const text = readFileSync(new URL(`./golden/${market}.cases.txt`, import.meta.url), "utf8");
  const [head = [], ...rows] = text
    .trimEnd()
    .split("\n")
    .map((row) => row.split("|").map((cell) => cell.trim()));
  return rows.map((row) => Object.fromEntries(head.map((name, at) => [name, row[at] ?? ""])) as Case);
}

const delivered = "2026-06-02T03:00:00Z"; // a Tuesday, everywhere
const dayMs = 86_400_000;
const onDay = (day: number) => new Date(Date.parse(delivered) + day * dayMs);

/**
 * Besides: "tier PLUS", "risk 90", "paid 5000" (minor units), "sent by SELLER", "sold by MARKETPLACE", "class EXTENDED",
 * "listed BLOCKED", "known 0" (on which day), "exchanged 2" (times before), "not told", "opened", "replace", "final sale", CHILLED, a category.
 */
function judge(market: Market, { asked: kind, reason, when, besides }: Case): Judgement {
  const said = besides.split(", ").filter((word) => word !== "");
  const after = (name: string) => said.find((word) => word.startsWith(`${name} `))?.slice(name.length + 1);
  const number = (name: string) => (after(name) === undefined ? undefined : Number(after(name)));
  const bought = line(
    {
      paid: number("paid") ?? 5000,
      finalSale: said.includes("final sale"),
      temperature: said.find((word) => word === "CHILLED" || word === "FROZEN") ?? "AMBIENT",
      category: said.find((word) => /^[a-z_]+$/.test(word) && !["opened", "replace"].includes(word)) ?? "homeware",
      fulfilment: after("sent by") ?? "OWN",
      sellerType: after("sold by") ?? "SHOP",
      itemClass: after("class") ?? "",
      listed: (after("listed") ?? "NONE") as Listing,
    },
    market,
  );
  const day = when === "under way" ? undefined : Number(when.split(" ")[1]);
  const from = order(market, [bought], day === undefined ? "" : delivered, {
    tier: after("tier") ?? "NONE",
    riskScore: number("risk") ?? 0,
    notice: said.includes("not told") ? "NEVER" : "WITH_ORDER",
  });
  const known = number("known");
  const ask = {
    reason,
    opened: said.includes("opened"),
    replacementSku: said.includes("replace") ? "sku-2" : "",
    discovered: known === undefined ? undefined : onDay(known),
  };
  const request = { ...asked(kind as Kind, ask), exchanged: number("exchanged") };
  return judged(from, request, onDay(day ?? 0).toISOString());
}

function answerOf({ verdict, lines, terms }: Judgement): Pick<Case, "verdict" | "rule" | "terms"> {
  const rule = lines[0]?.rule ?? "";
  if (!terms) return { verdict, rule, terms: "" };
  const fees = terms.fees.map(({ code, amount }) => `${code} ${amount.minor}`);
  const goods = terms.collect ? "send back" : "nothing to send";
  const said = [terms.trigger, goods, fees.join() || "free", ...(terms.exchangeMode ? [terms.exchangeMode] : [])];
  if (terms.verification !== "NONE") said.push(terms.verification);
  return { verdict, rule, terms: said.join(", ") };
}

describe("shipped policies", () => {
  it("are one document per market, beside the floors of the law and the schema", () => {
    const files = readdirSync(new URL("../policies/", import.meta.url)).filter((file) => file.endsWith(".json"));
    const others = files.filter((file) => !["floors.json", "schema.json"].includes(file));
    assert.deepEqual(
      others.sort(),
      markets.map((market) => `${market}.json`),
    );
  });
  it("speak every language of every market", () => {
    for (const market of markets) {
      assert.deepEqual([...documentOf(market).languages].sort(), ["en-GB", "ko-KR", "zh-TW"]);
    }
  });
  for (const market of markets) {
    describe(market, () => {
      it("is sound, above the market's floor, and leaves the linter nothing to say", () => {
        assert.doesNotThrow(() => assertSound(documentOf(market)));
        assert.deepEqual(findings(documentOf(market)), []);
      });
      for (const golden of casesOf(market)) {
        const { asked, reason, when, besides, ...expected } = golden;
        it(`${[asked, reason, when, besides].filter(Boolean).join(", ")} → ${expected.verdict} ${expected.rule}`, () => {
          assert.deepEqual(answerOf(judge(market, golden)), expected);
        });
      }
      it("has each of its rules fire in one of these cases", () => {
        const fired = casesOf(market).flatMap((golden) => judge(market, golden).lines.flatMap((l) => l.fired));
        const seen = new Set(fired.map(({ rule }) => rule));
        const { rules, separate_rule, override_rule } = policies[market].document;
        const unseen = Object.keys(rules).filter((rule) => !seen.has(rule));
        assert.deepEqual(unseen.sort(), [separate_rule, override_rule].sort());
      });
    });
  }
  it("use every moment at which money can go back", () => {
    const used = markets.flatMap((market) => casesOf(market).map(({ terms }) => terms.split(",")[0]));
    const all = ["", "ON_APPROVAL", "ON_DEADLINE", "ON_INSPECTION", "ON_PICKUP_SCAN", "ON_RECEIPT"];
    assert.deepEqual([...new Set(used)].sort(), all);
  });
});
