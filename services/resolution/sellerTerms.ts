// What sellers are given to answer, by market, from the document beside this file.
import { readFileSync } from "node:fs";
import type { SellerTerms } from "./core/sellerCase.js";

/** What holds where a market's rule is not on file: long enough for anybody, and a person decides then. */
const otherwise: Omit<SellerTerms, "market"> = { answerDays: 7, reminderDaysBefore: [1], onSilence: "ESCALATE" };

/** @throws Error if a rule cannot be kept */
export function readSellerTerms(document = new URL("sellerTerms.json", import.meta.url)) {
  const all: readonly SellerTerms[] = JSON.parse(readFileSync(document, "utf8"));
  for (const { market, answerDays, reminderDaysBefore, onSilence } of all) {
    const days = Number.isInteger(answerDays) && answerDays >= 1 && answerDays <= 30;
    const reminders = reminderDaysBefore.every((before) => Number.isInteger(before) && before >= 1);
    if (!days || !reminders || !["ACCEPT", "ESCALATE"].includes(onSilence))
      throw new Error(`sellerTerms.json: ${market}'s rule cannot be kept`);
  }
  const known = new Map(all.map((terms) => [terms.market, terms]));
  return (market: string): SellerTerms => known.get(market) ?? { market, ...otherwise };
}
