// The cells of decision tables as a policy owner reads them: `"A", "B"` under category as: category is "A" or "B".
import { format, money } from "#kit/pure/money.js";
import type { Column } from "../facts.js";
import { spoken } from "./change.js";

const words = /^"[^"]*"(\s*,\s*"[^"]*")*$/;
const notWord = /^!=\s*("[^"]*")$/;
const bounded = /^(<=|>=|<|>)\s*(-?\d+)$/;

/** A condition in words; a cell of any other form as it is written. */
export function conditionText(field: string, column: Column | undefined, cell: string, currency: string): string {
  const written = cell.trim();
  const name = field === "line_minor" ? "paid for the line" : spoken(field);
  if (column?.type === "flag" && (written === "true" || written === "false")) {
    return written === "true" ? name : `not ${name}`;
  }
  if (words.test(written)) return `${name} is ${written.split(/\s*,\s*(?=")/).join(" or ")}`;
  const excluded = notWord.exec(written)?.[1];
  if (excluded) return `${name} is not ${excluded}`;
  const [, sign, number] = bounded.exec(written) ?? [];
  if (sign && number) return `${name} ${sign} ${field === "line_minor" ? amountText(number, currency) : number}`;
  return `${name}: ${written}`;
}

/** What each answer counts, where it is a number. */
const counted: Readonly<Record<string, string>> = {
  days: "days",
  months: "months",
  review_months: "months with a review",
  known_days: "days from knowing",
  uninformed_months: "months more for who was not told",
  handover_days: "days to hand over",
  max_pickup_attempts: "failed pickups",
};

/** An answer in words. */
export function answerText(field: string, cell: string, currency: string): string {
  const written = cell.trim();
  const unit = counted[field];
  if (unit) return `${written === "null" ? "no" : written} ${unit}`;
  return `${spoken(field)} ${plain(field, written, currency)}`;
}

/** "gives 45 days instead of 30", "answers verdict REVIEW instead of DECLINE". */
export function answerChangeText(field: string, older: string, newer: string, currency: string): string {
  const [before, after] = [plain(field, older.trim(), currency), plain(field, newer.trim(), currency)];
  const verb = counted[field] ? "gives" : "answers";
  if (before === after)
    return `${verb} ${spoken(field)} as ${JSON.stringify(newer)} instead of ${JSON.stringify(older)}`;
  return `${verb} ${answerText(field, newer, currency)} instead of ${before}`;
}

function plain(field: string, written: string, currency: string): string {
  if (written === "null") return "none";
  if (written === "true" || written === "false") return written === "true" ? "yes" : "no";
  if (field === "fee_minor") return amountText(written, currency);
  const word = /^"([^"]*)"$/.exec(written)?.[1];
  const list = /^\[(("[^"]*"\s*,?\s*)*)\]$/.exec(written)?.[1];
  return word ?? (list === undefined ? written : list.replaceAll('"', "").trim());
}

/** Minor units as an amount of the market's currency, if they are a number at all. */
function amountText(minor: string, currency: string): string {
  return /^-?\d{1,15}$/.test(minor) ? format(money(BigInt(minor), currency), "en-GB") : minor;
}
