// What a market's refund policy says. It is a document (policies/*.json), not code; this reads one and refuses what it
// does not understand.
import { DomainError } from "#kit/pure/check.js";
import { type Money, parseMoney } from "#kit/pure/money.js";

export type RefundPolicy = {
  readonly market: string;
  readonly currency: string;
  /** Above it, it takes two: whoever grants may not issue. */
  readonly fourEyesAbove: Money;
  readonly goodwill: { readonly atOnceUpTo: Money; readonly most: Money; readonly reasons: readonly string[] };
  /** Methods of payment, first to be paid back first; those not named come last, in the order's order. */
  readonly tenderOrder: readonly string[];
  /** WATERFALL: one payment after the other. PROPORTIONAL: each by what is left of it. */
  readonly split: "WATERFALL" | "PROPORTIONAL";
  /** For paying later than the law allows; none where the law asks for none. */
  readonly interest: { readonly ratePpm: number; readonly article: string } | undefined;
};

/** @throws DomainError POLICY_BROKEN that names the first wrong path */
export function readPolicy(json: unknown): RefundPolicy {
  const document = object(json, "");
  const currency = text(document.currency, "currency", /^[A-Z]{3}$/);
  const amount = (value: unknown, path: string): Money => parseMoney(text(value, path), currency);
  const goodwill = object(document.goodwill, "goodwill");
  return {
    market: text(document.market, "market", /^[A-Z]{2}$/),
    currency,
    fourEyesAbove: amount(document.four_eyes_above, "four_eyes_above"),
    goodwill: {
      atOnceUpTo: amount(goodwill.issued_at_once_up_to, "goodwill.issued_at_once_up_to"),
      most: amount(goodwill.most, "goodwill.most"),
      reasons: texts(goodwill.reasons, "goodwill.reasons"),
    },
    tenderOrder: texts(document.tender_order, "tender_order"),
    split: text(document.split, "split", /^(WATERFALL|PROPORTIONAL)$/) as RefundPolicy["split"],
    interest: document.interest === null ? undefined : interest(document.interest),
  };
}

function interest(value: unknown): NonNullable<RefundPolicy["interest"]> {
  const { rate_ppm, article } = object(value, "interest");
  if (!Number.isInteger(rate_ppm) || (rate_ppm as number) <= 0 || (rate_ppm as number) > 1_000_000)
    throw broken("interest.rate_ppm", "is not a whole number from 1 to 1000000");
  return { ratePpm: rate_ppm as number, article: text(article, "interest.article") };
}

function object(value: unknown, path: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw broken(path, "is not an object");
}

function text(value: unknown, path: string, form = /./): string {
  if (typeof value === "string" && form.test(value)) return value;
  throw broken(path, `is not text of the form ${form.source}`);
}

function texts(value: unknown, path: string): string[] {
  if (Array.isArray(value)) return value.map((item, i) => text(item, `${path}[${i}]`, /^[A-Z_]+$/));
  throw broken(path, "is not a list");
}

function broken(path: string, problem: string): DomainError {
  return new DomainError("POLICY_BROKEN", `refund policy: ${path || "document"} ${problem}`, { path, problem });
}
