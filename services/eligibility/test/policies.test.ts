// Golden cases of the shipped policies: what a customer of each market is answered, by which rule, on which terms. They
// stand in golden/<market>.txt, one per line.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import type { Judgement } from "../core/decide.js";
import { assertSound } from "../core/lint.js";
import type { Kind } from "../core/words.js";
import { asked, documentOf, judged, line, type Market, markets, order, policies } from "./builders.js";

type Case = Record<"asked" | "reason" | "when" | "besides" | "verdict" | "rule" | "terms", string>;

function casesOf(market: Market): Case[] {
  const text = readFileSync(new URL(`./golden/${market}.txt`, import.meta.url), "utf8");
  const [head = [], ...rows] = text
    .trimEnd()
    .split("\n")
    .map((row) => row.split("|").map((cell) => cell.trim()));
  return rows.map((row) => Object.fromEntries(head.map((name, at) => [name, row[at] ?? ""])) as Case);
}

const delivered = "2026-06-02T03:00:00Z"; // a Tuesday, everywhere

/** Besides: "tier PLUS", "risk 90", "paid 5000" (minor units), "opened", "replace", "final sale", CHILLED, a category. */
function judge(market: Market, { asked: kind, reason, when, besides }: Case): Judgement {
  const said = besides.split(", ").filter((word) => word !== "");
  const number = (name: string) =>
    said.flatMap((word) => (word.startsWith(`${name} `) ? [Number(word.split(" ")[1])] : []))[0];
  const bought = line(
    {
      paid: number("paid") ?? 5000,
      finalSale: said.includes("final sale"),
      temperature: said.find((word) => word === "CHILLED" || word === "FROZEN") ?? "AMBIENT",
      category: said.find((word) => /^[a-z_]+$/.test(word) && !["opened", "replace"].includes(word)) ?? "homeware",
    },
    market,
  );
  const day = when === "under way" ? undefined : Number(when.split(" ")[1]);
  const tier = said.find((word) => word.startsWith("tier "))?.split(" ")[1] ?? "NONE";
  const from = order(market, [bought], day === undefined ? "" : delivered, { tier, riskScore: number("risk") ?? 0 });
  const ask = { reason, opened: said.includes("opened"), replacementSku: said.includes("replace") ? "sku-2" : "" };
  const now = new Date(Date.parse(delivered) + (day ?? 0) * 86_400_000).toISOString();
  return judged(from, asked(kind as Kind, ask), now);
}

function answerOf({ verdict, lines, terms }: Judgement): Pick<Case, "verdict" | "rule" | "terms"> {
  const rule = lines[0]?.rule ?? "";
  if (!terms) return { verdict, rule, terms: "" };
  const fees = terms.fees.map(({ code, amount }) => `${code} ${amount.minor}`);
  const goods = terms.collect ? "send back" : "nothing to send";
  const said = [terms.trigger, goods, fees.join() || "free", ...(terms.exchangeMode ? [terms.exchangeMode] : [])];
  return { verdict, rule, terms: said.join(", ") };
}

describe("shipped policies", () => {
  it("are one document per market, beside the floors of the law", () => {
    const files = readdirSync(new URL("../policies/", import.meta.url)).filter((file) => file.endsWith(".json"));
    assert.deepEqual(files.sort(), [...markets.map((market) => `${market}.json`), "floors.json"]);
  });
  for (const market of markets) {
    describe(market, () => {
      it("is sound and above the market's floor", () => assertSound(documentOf(market)));
      for (const golden of casesOf(market)) {
        const { asked, reason, when, besides, ...expected } = golden;
        it(`${[asked, reason, when, besides].filter(Boolean).join(", ")} → ${expected.verdict} ${expected.rule}`, () => {
          assert.deepEqual(answerOf(judge(market, golden)), expected);
        });
      }
      it("has each of its rules fire in one of these cases", () => {
        const fired = casesOf(market).flatMap((golden) => judge(market, golden).lines.flatMap((l) => l.fired));
        const seen = new Set(fired.map(({ rule }) => rule));
        const { rules, separate_rule } = policies[market].document;
        assert.deepEqual(
          Object.keys(rules).filter((rule) => !seen.has(rule) && rule !== separate_rule),
          [],
        );
      });
    });
  }
  it("use every moment at which money can go back", () => {
    const used = markets.flatMap((market) => casesOf(market).map(({ terms }) => terms.split(",")[0]));
    const all = ["", "ON_APPROVAL", "ON_DEADLINE", "ON_INSPECTION", "ON_PICKUP_SCAN", "ON_RECEIPT"];
    assert.deepEqual([...new Set(used)].sort(), all);
  });
});
