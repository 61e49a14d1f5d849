// Drafts that give less than the law, made from the law itself: one or more for each right, exemption and number of a
// market, so that none is forgotten.
import type { Market } from "./builders.js";
import { addRule, freeTerms, type Json, lawIn, pathTo, windowOf } from "./plants.js";

export type Draft = {
  readonly title: string;
  readonly change: (json: Json) => void;
  readonly article: string;
  readonly path: (json: Json) => string;
  /** What the counterexample has to say. */
  readonly shows: RegExp;
};

const rule = (market: Market) => `${market.toLowerCase()}-new`;
const cellsOf = (condition: Json) =>
  Object.fromEntries(Object.entries(condition).map(([field, value]) => [field, JSON.stringify(value)]));
const asks = ({ kinds, when }: Json): Record<string, string> => ({
  kind: kinds.map((kind: string) => `"${kind}"`).join(", "),
  ...cellsOf(when),
});

/** Drafts that take a right away: by declining it, by a window too short, by forgetting who was not told or knew late. */
function* againstRight(market: Market, right: Json): Generator<Draft> {
  const { article, about, days, months, known_days, uninformed_months } = right;
  const id = rule(market);
  yield {
    title: `a no to ${about}`,
    change: (json) => addRule(json, "verdict", id, { ...asks(right), verdict: '"DECLINE"' }),
    article,
    path: (json) => pathTo(json, "verdict", id),
    shows: new RegExp(`^A (${right.kinds.join("|")}) for .*: ${id} declines it, though the law `),
  };
  const { delivered: _, ...lines } = asks(right);
  for (const [title, less, shows] of lessThan(right)) {
    const period = { days, months, known_days, uninformed_months, ...less };
    const row = Object.fromEntries(Object.entries(period).map(([field, value]) => [field, String(value ?? null)]));
    yield {
      title: `${title} for ${about}`,
      change: (json) => addRule(json, "window", id, { ...lines, ...windowOf(row) }),
      article,
      path: (json) => pathTo(json, "window", id),
      shows,
    };
  }
}

/** What a window may say less than the law, and whom it hits. */
function* lessThan({ days, months, known_days, uninformed_months }: Json): Generator<[string, Json, RegExp]> {
  if (days) yield ["a day less", { days: days - 1 }, /delivered on .*, asked for on/];
  if (months) yield ["a month less", { months: months - 1 }, /delivered on .*, asked for on/];
  if (known_days) yield ["a day less from knowing", { known_days: known_days - 1 }, /found out on .*, asked for on/];
  if (!uninformed_months) return;
  yield ["nothing more for the uninformed", { uninformed_months: null }, /never told of the right/];
  yield ["a month less for the uninformed", { uninformed_months: uninformed_months - 1 }, /never told of the right/];
}

const fee = { ...freeTerms, fee_code: '"RETURN_SHIPPING"', fee_minor: "100" };

/** A charge for what must cost nothing, where the fault table blames the customer for it. */
function againstExemption(market: Market, { article, when }: Json): Draft {
  const id = rule(market);
  const cells = { kind: '"RETURN"', ...cellsOf(when) };
  if (when.never_came) cells.kind = '"CLAIM"';
  return {
    title: `a fee for ${Object.keys(when).join(", ") || "anything"}`,
    change: (json) => {
      addRule(json, "terms", id, { ...cells, ...fee });
      addRule(json, "fault", `${id}-fault`, { ...cells, fault: '"CUSTOMER"' });
    },
    article,
    path: (json) => pathTo(json, "terms", id),
    shows: new RegExp(`${id} charges RETURN_SHIPPING for it`),
  };
}

/** Drafts whose numbers give less than the law's. */
function* againstNumbers(market: Market, law: Json): Generator<Draft> {
  const id = rule(market);
  const set = (path: string, value: unknown) => (json: Json) => {
    const keys = path.split(".");
    const last = keys.pop() as string;
    keys.reduce((node, key) => node[key], json)[last] = value;
  };
  const number = (title: string, path: string, value: unknown, article: string, shows: RegExp): Draft => {
    const told = path.replace(/^(clocks\.\w+)\..*/, "$1"); // a clock is one thing
    return { title, change: set(path, value), article, path: () => told, shows };
  };
  const { window, refund_clock, collection_clock, handover, deductions, fees } = law;
  if (window.last_day_moves) {
    const shows = /was a day of rest and gave way to/;
    yield number("a window that ends on a day of rest", "window.last_day_moves", false, window.article, shows);
  }
  if (window.starts !== "EACH_PARCEL") {
    const shows = /the window has run since its first parcel/;
    yield number("a window that starts with the first parcel", "window.starts", "EACH_PARCEL", window.article, shows);
  }
  yield number(
    "a refund a day later",
    "clocks.refund.days",
    refund_clock.days + 1,
    refund_clock.article,
    /money is back/,
  );
  if (!refund_clock.business_days) {
    yield number(
      "a refund by business days",
      "clocks.refund.business_days",
      true,
      refund_clock.article,
      /business days/,
    );
  }
  yield number(
    "a guaranteed refund after the law's time",
    "clocks.guarantee.days",
    refund_clock.days + 1,
    refund_clock.article,
    /money is back/,
  );
  if (collection_clock) {
    const { days, article } = collection_clock;
    yield number("no time limit for collecting", "clocks.collection", null, article, /nobody says when/);
    yield number("collecting a day later", "clocks.collection.days", days + 1, article, /goods are collected/);
  }
  if (law.auto_withdrawal) {
    const shows = /withdraws itself/;
    yield number("a request that withdraws itself", "handover.auto_withdrawal", true, law.auto_withdrawal, shows);
  }
  yield {
    ...number("a deduction for opening the packaging", "deductions.causes", ["OPENING"], deductions.article, /OPENING/),
    path: () => "deductions.causes[0]",
  };
  yield {
    title: "a day less to hand over",
    change: (json) =>
      addRule(json, "deadlines", id, {
        category: '"fresh"',
        handover_days: String(handover.days - 1),
        max_pickup_attempts: "3",
      }),
    article: handover.article,
    path: (json) => pathTo(json, "deadlines", id),
    shows: new RegExp(`category fresh.*: ${id} gives ${handover.days - 1} days to hand the goods over`),
  };
  if (fees.codes.length > 0) {
    yield {
      title: "a penalty",
      change: (json) =>
        addRule(json, "terms", id, { kind: '"RETURN"', fault: '"CUSTOMER"', ...fee, fee_code: '"RESTOCKING"' }),
      article: fees.article,
      path: (json) => pathTo(json, "terms", id),
      shows: new RegExp(`${id} charges RESTOCKING for it`),
    };
  }
  if (law.fee_notice) {
    yield {
      title: "a fee that customers are not told of",
      change: (json) => {
        addRule(json, "terms", id, { kind: '"RETURN"', fault: '"CUSTOMER"', ...fee });
        delete json.notices.return_fee;
      },
      article: law.fee_notice,
      path: (json) => pathTo(json, "terms", id),
      shows: new RegExp(`${id} charges RETURN_SHIPPING for it`),
    };
  }
}

/** Every one of them. */
export function draftsOf(market: Market): Draft[] {
  const law = lawIn(market);
  // Whoever is not at fault is never charged, so an exemption for them cannot be undercut.
  const exemptions = law.free.filter(({ when }: Json) => when.fault === undefined);
  return [
    ...law.rights.flatMap((right: Json) => [...againstRight(market, right)]),
    ...exemptions.map((exemption: Json) => againstExemption(market, exemption)),
    ...againstNumbers(market, law),
  ];
}
