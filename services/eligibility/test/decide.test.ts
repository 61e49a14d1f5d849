import assert from "node:assert/strict";
import fc from "fast-check";
import { DomainError } from "#kit/pure/check.js";
import { money } from "#kit/pure/money.js";
import { decide, type Judgement } from "../core/decide.js";
import type { AskedLine } from "../core/order.js";
import { asked, calendars, judged, line, type Market, markets, order, policies } from "./builders.js";

const change = { reason: "NO_LONGER_NEEDED" };
const refuses = (reason: string, metadata: Record<string, string>) => (error: unknown) => {
  assert.ok(error instanceof DomainError);
  assert.deepEqual({ reason: error.reason, metadata: error.metadata }, { reason, metadata });
  return true;
};

/** A change of mind about one line, delivered and asked at these times. */
function returned(market: Market, delivered: string, now: string): Judgement {
  return judged(order(market, [line({}, market)], delivered), asked("RETURN", change), now);
}
/** The last moment at which it is accepted, and that one moment later it is not. */
function endsAt(market: Market, delivered: string, end: string): void {
  const last = new Date(Date.parse(end) - 1).toISOString();
  assert.equal(returned(market, delivered, last).verdict, "ACCEPT", `at ${last}`);
  assert.equal(returned(market, delivered, end).verdict, "DECLINE", `at ${end}`);
  assert.equal(returned(market, delivered, end).lines[0]?.windowEnd?.time.toISOString(), new Date(end).toISOString());
}

describe("the window", () => {
  it("does not count the day of delivery, and ends at local midnight (KR)", () => {
    endsAt("KR", "2026-06-02T00:00:00+09:00", "2026-06-10T00:00:00+09:00");
    endsAt("KR", "2026-06-02T23:59:00+09:00", "2026-06-10T00:00:00+09:00");
  });
  it("ends after Seollal when the 7th day falls into it (KR)", () => {
    // Day 7 is Mon 16 Feb, the eve; 16, 17, 18 are the holiday, Thu 19 the next business day.
    endsAt("KR", "2026-02-09T15:00:00+09:00", "2026-02-20T00:00:00+09:00");
  });
  it("ends on the Monday when the 7th day is a Saturday, but not for the days before (KR)", () => {
    endsAt("KR", "2026-06-06T12:00:00+09:00", "2026-06-16T00:00:00+09:00");
    endsAt("KR", "2026-06-05T12:00:00+09:00", "2026-06-13T00:00:00+09:00");
  });
  it("gives 10 days in Taiwan, and more across the Lunar New Year", () => {
    endsAt("TW", "2026-06-02T12:00:00+08:00", "2026-06-13T00:00:00+08:00");
    // Day 10 is Mon 16 Feb; days off until Sun 22.
    endsAt("TW", "2026-02-06T12:00:00+08:00", "2026-02-24T00:00:00+08:00");
  });
  it("gives plain days in Great Britain: a Sunday ends it as well, and summer time does not shift it", () => {
    endsAt("GB", "2026-06-05T12:00:00Z", "2026-07-06T00:00:00+01:00"); // Sunday 5 July
    endsAt("GB", "2026-03-10T12:00:00Z", "2026-04-10T00:00:00+01:00"); // across 29 March
    endsAt("GB", "2011-01-10T12:00:00Z", "2011-02-10T00:00:00Z"); // as in the replayed record
  });
  it("gives the day that was taken by the end of a month (KR, 3 months)", () => {
    const bought = order("KR", [line()], "2025-11-30T12:00:00+09:00");
    const at = (now: string) => judged(bought, asked("RETURN", { reason: "DEFECTIVE" }), now).verdict;
    // 30 November + 3 months: the last day of February is a Saturday, Sun 1 March a holiday, Mon 2 March its substitute.
    assert.equal(at("2026-03-03T23:59:59+09:00"), "ACCEPT");
    assert.equal(at("2026-03-04T00:00:00+09:00"), "REVIEW");
  });
  it("has not started while a parcel of the line is under way, and then starts with the last one", () => {
    const lines = [line({ purchased: 10 })];
    const parcels = (second: string | undefined) => [
      { delivered: new Date("2026-06-02T03:00:00Z"), units: [{ lineId: "l-1", quantity: 6 }] },
      { delivered: second ? new Date(second) : undefined, units: [{ lineId: "l-1", quantity: 4 }] },
    ];
    const now = "2026-07-30T00:00:00Z";
    const open = judged(order("KR", lines, "", { shipments: parcels(undefined) }), asked("RETURN", change), now);
    assert.equal(open.verdict, "ACCEPT");
    assert.equal(open.lines[0]?.windowEnd, undefined);
    assert.equal(open.facts[0]?.delivered, undefined);
    const late = judged(
      order("KR", lines, "", { shipments: parcels("2026-07-27T03:00:00Z") }),
      asked("RETURN", change),
      now,
    );
    assert.equal(late.verdict, "ACCEPT");
    assert.equal(late.lines[0]?.windowEnd?.time.toISOString(), "2026-08-03T15:00:00.000Z");
  });
  it("starts with the last parcel of the order in Great Britain (reg. 30(4)), of the line in Korea", () => {
    const shipments = [
      { delivered: new Date("2026-05-01T12:00:00Z"), units: [{ lineId: "l-1", quantity: 1 }] },
      { delivered: new Date("2026-06-01T12:00:00Z"), units: [{ lineId: "l-2", quantity: 1 }] },
    ];
    const at = (market: Market) => {
      const lines = [line({}, market), line({ lineId: "l-2" }, market)];
      return judged(order(market, lines, "", { shipments }), asked("RETURN", change), "2026-06-20T00:00:00Z");
    };
    assert.equal(at("GB").verdict, "ACCEPT");
    assert.equal(at("GB").facts[0]?.delivered?.toISOString(), "2026-05-01T12:00:00.000Z");
    assert.equal(at("KR").verdict, "DECLINE");
  });
  it("ends for the customer when it is no longer granted at once; a decline names the end of the review", () => {
    const bought = order("GB", [line({}, "GB")], "2026-01-05T12:00:00Z");
    const end = (now: string) => {
      const [first] = judged(bought, asked("RETURN", { reason: "DEFECTIVE" }), now).lines;
      return `${first?.verdict} ${first?.windowEnd?.time.toISOString().slice(0, 10)}`;
    };
    assert.equal(end("2026-01-06T00:00:00Z"), "ACCEPT 2026-02-05");
    assert.equal(end("2026-03-06T00:00:00Z"), "REVIEW 2026-02-05");
    assert.equal(end("2032-03-06T00:00:00Z"), "DECLINE 2032-01-06");
  });
  it("says when it ends before the calendar is known that far, and that this may still move", () => {
    const known = returned("TW", "2026-06-02T03:00:00Z", "2026-06-03T00:00:00Z").lines[0]?.windowEnd;
    const beyond = returned("TW", "2026-12-29T03:00:00Z", "2026-12-30T00:00:00Z").lines[0]?.windowEnd;
    assert.equal(known?.provisional, false);
    assert.equal(beyond?.provisional, true);
  });
});

describe("a cancellation", () => {
  const parcels = [
    { delivered: new Date("2026-06-02T03:00:00Z"), units: [{ lineId: "l-1", quantity: 60 }] },
    { delivered: undefined, units: [{ lineId: "l-1", quantity: 40 }] },
  ];
  it("is for units still under way: 40 of 100 of which 60 have arrived, and not the 41st", () => {
    const bought = order("KR", [line({ purchased: 100 })], "", { shipments: parcels });
    const cancel = (quantity: number) =>
      judged(bought, asked("CANCELLATION", { ...change, quantity }), "2026-06-03T00:00:00Z");
    assert.equal(cancel(40).verdict, "ACCEPT");
    const { verdict, lines } = cancel(41);
    assert.equal(verdict, "ACCEPT");
    assert.deepEqual(
      lines.map(({ verdict, quantity, rule }) => [verdict, quantity, rule]),
      [
        ["ACCEPT", 40, "kr-cancel"],
        ["DECLINE", 1, "kr-cancel-too-late"],
      ],
    );
    assert.match(lines[1]?.text ?? "", /반품을 신청/);
  });
  it("may be asked for before anything is planned", () => {
    const bought = order("KR", [line()], "", { shipments: [] });
    assert.equal(judged(bought, asked("CANCELLATION", change), "2026-06-03T00:00:00Z").verdict, "ACCEPT");
  });
});

describe("a request", () => {
  const now = "2026-06-04T00:00:00Z";
  const delivered = "2026-06-02T03:00:00Z";

  it("for a line that the order does not have is refused", () => {
    assert.throws(
      () => judged(order("KR", [line()], delivered), asked("RETURN", { ...change, lineId: "l-9" }), now),
      refuses("LINE_NOT_IN_ORDER", { order_id: "o-1", line_id: "l-9" }),
    );
  });
  it("for more units than were bought is refused, all asks for a line taken together", () => {
    const bought = order("KR", [line({ purchased: 3 })], delivered);
    assert.throws(
      () => judged(bought, asked("RETURN", { ...change, quantity: 2 }, { reason: "STYLE", quantity: 2 }), now),
      refuses("UNITS_EXCEED_PURCHASED", { line_id: "l-1", requested: "4", purchased: "3" }),
    );
    assert.equal(judged(bought, asked("RETURN", { ...change, quantity: 2 }, { reason: "STYLE" }), now).lines.length, 2);
  });
  it("with a reason the market does not know, or not for this kind, is refused", () => {
    const bought = order("KR", [line()], delivered);
    assert.throws(
      () => judged(bought, asked("RETURN", { reason: "COD_REJECT" }), now),
      refuses("REASON_UNKNOWN", { reason: "COD_REJECT", market: "KR" }),
    );
    assert.throws(
      () => judged(bought, asked("RETURN", { reason: "NOT_RECEIVED" }), now),
      refuses("REASON_UNKNOWN", { reason: "NOT_RECEIVED", market: "KR", kind: "RETURN" }),
    );
  });

  /** A request for several lines, l-1, l-2 …, each with what was bought and what is asked. */
  const mixed = (
    kind: "RETURN" | "CLAIM" | "EXCHANGE",
    each: [Parameters<typeof line>[0], Partial<AskedLine> & { reason: string }][],
    over = {},
  ) => {
    const lines = each.map(([bought], at) => line({ lineId: `l-${at + 1}`, ...bought }));
    const asks = each.map(([, ask], at) => ({ lineId: `l-${at + 1}`, ...ask }));
    return judged(order("KR", lines, delivered, over), asked(kind, ...asks), now);
  };

  it("is accepted without the lines that are declined, and those keep their rule and text", () => {
    const { verdict, lines, terms } = mixed("RETURN", [
      [{}, change],
      [{ category: "fresh" }, change],
    ]);
    assert.equal(verdict, "ACCEPT");
    assert.deepEqual(
      lines.map((l) => l.rule),
      ["kr-withdrawal", "kr-perishable"],
    );
    assert.equal(terms?.trigger, "ON_PICKUP_SCAN");
  });
  it("is declined when every line is, and then has no terms", () => {
    const { verdict, terms } = mixed("RETURN", [
      [{ category: "fresh" }, change],
      [{ category: "fresh" }, change],
    ]);
    assert.deepEqual({ verdict, terms }, { verdict: "DECLINE", terms: undefined });
  });
  it("is reviewed when a line needs it", () => {
    const { verdict } = mixed("RETURN", [
      [{}, change],
      [{ category: "cosmetics" }, { ...change, opened: true }],
    ]);
    assert.equal(verdict, "REVIEW");
  });
  it("pays at the most careful moment of its lines", () => {
    const { terms } = mixed("RETURN", [
      [{ paid: 5_000 }, change],
      [{ paid: 500_000 }, change],
    ]);
    assert.equal(terms?.trigger, "ON_INSPECTION");
  });
  it("bears one fee, and none as soon as a line is not the customer's cause", () => {
    const own = mixed("RETURN", [
      [{}, change],
      [{}, change],
    ]).terms;
    assert.deepEqual(
      own?.fees.map((f) => [f.code, f.amount.minor, f.rule]),
      [["RETURN_SHIPPING", 3000n, "kr-terms-withdrawal-fast"]],
    );
    assert.deepEqual(
      mixed("RETURN", [
        [{}, change],
        [{}, { reason: "DEFECTIVE" }],
      ]).terms?.fees,
      [],
    );
  });
  it("bears its fee though a declined line is somebody else's cause", () => {
    const { terms } = mixed("RETURN", [
      [{}, change],
      [{ category: "fresh" }, { reason: "DELIVERY_LATE" }],
    ]);
    assert.equal(terms?.fees.length, 1);
  });
  it("sends back what could be kept when something else has to be sent back", () => {
    const { terms } = mixed("CLAIM", [
      [{ paid: 1_000 }, { reason: "DEFECTIVE" }],
      [{ paid: 50_000 }, { reason: "DEFECTIVE" }],
    ]);
    assert.deepEqual(
      { collect: terms?.collect, trigger: terms?.trigger },
      { collect: true, trigger: "ON_PICKUP_SCAN" },
    );
  });
  it("does not wait for what never came beside what is sent back: that is to be asked for alone", () => {
    const { verdict, lines, terms } = mixed("CLAIM", [
      [{ paid: 50_000 }, { reason: "DEFECTIVE" }],
      [{ paid: 50_000 }, { reason: "NOT_RECEIVED" }],
    ]);
    assert.equal(verdict, "ACCEPT");
    assert.deepEqual(
      lines.map((l) => [l.verdict, l.rule]),
      [
        ["ACCEPT", "kr-nonconforming"],
        ["DECLINE", "kr-ask-separately"],
      ],
    );
    assert.match(lines[1]?.text ?? "", /따로 신청/);
    assert.equal(terms?.collect, true);
  });
  it("takes what never came beside what may be kept", () => {
    const { lines, terms } = mixed("CLAIM", [
      [{ paid: 1_000 }, { reason: "DEFECTIVE" }],
      [{ paid: 50_000 }, { reason: "NOT_RECEIVED" }],
    ]);
    assert.deepEqual(
      lines.map((l) => l.verdict),
      ["ACCEPT", "ACCEPT"],
    );
    assert.deepEqual(terms?.methods, ["NONE"]);
  });
  it("is for a replacement if every line of a claim asks for one, and always in an exchange", () => {
    const wanted = { reason: "DEFECTIVE", replacementSku: "sku-2" };
    assert.equal(
      mixed("CLAIM", [
        [{}, wanted],
        [{}, wanted],
      ]).terms?.replacement,
      true,
    );
    assert.equal(
      mixed("CLAIM", [
        [{}, wanted],
        [{}, { reason: "DEFECTIVE" }],
      ]).terms?.replacement,
      false,
    );
    assert.equal(
      mixed("CLAIM", [
        [{}, wanted],
        [{}, { reason: "DEFECTIVE" }],
      ]).terms?.exchangeMode,
      undefined,
    );
    const exchange = mixed(
      "EXCHANGE",
      [
        [{}, { reason: "COLOR" }],
        [{}, { reason: "DEFECTIVE" }],
      ],
      { tier: "PLUS" },
    ).terms;
    assert.deepEqual([exchange?.replacement, exchange?.exchangeMode], [true, "CROSS_SHIP"]);
  });
  it("is judged by what the whole line cost, so that asking unit by unit stays under no limit", () => {
    const bought = order("KR", [line({ purchased: 10, paid: 100_000 })], delivered);
    assert.equal(judged(bought, asked("RETURN", change), now).terms?.trigger, "ON_INSPECTION");
  });
  it("knows of each line what the dock goes by: category, seller, and what one unit cost, rounded down", () => {
    const bought = order("KR", [line({ purchased: 3, paid: 10_000, sellerId: "s-1" })], delivered);
    const [facts] = judged(bought, asked("RETURN", change), now).facts;
    assert.deepEqual([facts?.category, facts?.sellerId, facts?.unitValue], ["homeware", "s-1", money(3_333n, "KRW")]);
  });
  it("promises a refund before the law's time ends, and a second opinion above a value of its market", () => {
    const promised = (market: Market) => {
      const { terms } = returned(market, delivered, now);
      const { days, business_days, article } = terms?.guaranteeClock ?? {};
      return [days, business_days, article, terms?.secondOpinionOver];
    };
    const article = "policy: guaranteed refund";
    assert.deepEqual(promised("KR"), [2, true, article, money(1_000_000n, "KRW")]);
    assert.deepEqual(promised("TW"), [12, false, article, money(3_000_000n, "TWD")]);
    assert.deepEqual(promised("GB"), [10, false, article, money(50_000n, "GBP")]);
  });
  it("asks for a guarantee where a replacement leaves first, but of nobody who was sent the wrong thing", () => {
    const asks = (tier: string, reason: string) => {
      const bought = order("KR", [line()], delivered, { tier });
      return judged(bought, asked("EXCHANGE", { reason, replacementSku: "sku-2" }), now).terms?.exchangeGuarantee;
    };
    assert.deepEqual(
      [asks("PLUS", "SIZE_TOO_SMALL"), asks("PLUS", "WRONG_ITEM"), asks("NONE", "SIZE_TOO_SMALL")],
      [true, false, false],
    );
  });
  it("promises nothing of either under a version that says nothing of them", () => {
    const { KR } = policies;
    const { refund, collection } = KR.document.clocks;
    const document = { ...KR.document, clocks: { refund, collection, guarantee: undefined }, inspection: undefined };
    const bought = order("KR", [line()], delivered);
    const { terms } = decide({ ...KR, document }, calendars.KR, bought, asked("RETURN", change), new Date(now));
    assert.deepEqual([terms?.guaranteeClock, terms?.secondOpinionOver], [undefined, undefined]);
  });
  it("has the clocks of its market", () => {
    const of = (market: Market) => returned(market, delivered, now).terms;
    assert.deepEqual(of("KR")?.refundClock, { days: 3, business_days: true, article: "E-Commerce Act art. 18(2)" });
    assert.equal(of("KR")?.collectionClock, undefined);
    assert.equal(of("TW")?.collectionClock?.days, 15);
    assert.equal(of("TW")?.autoWithdrawal, false);
    assert.deepEqual([of("GB")?.handoverDays, of("GB")?.reminderDays, of("GB")?.maxPickupAttempts], [14, [7, 3, 1], 3]);
    const cancel = judged(order("TW", [line({}, "TW")], ""), asked("CANCELLATION", change), now);
    assert.equal(cancel.terms?.collectionClock, undefined);
  });
  it("names every rule that took part, in order", () => {
    const [first] = returned("KR", delivered, now).lines;
    assert.deepEqual(
      first?.fired.map(({ table }) => table),
      ["fault", "window", "verdict", "outcomes", "terms", "methods", "deadlines"],
    );
    const fired = first?.fired.filter(({ table }) => ["window", "verdict", "terms"].includes(table));
    assert.deepEqual(fired, [
      { rule: "kr-window-withdrawal", article: "E-Commerce Act art. 17(1)", table: "window" },
      { rule: "kr-withdrawal", article: "E-Commerce Act art. 17(1)", table: "verdict" },
      { rule: "kr-terms-withdrawal-fast", article: "E-Commerce Act art. 18(2), 18(9); fast refund", table: "terms" },
    ]);
  });
});

describe("whatever is asked", () => {
  const anything = fc.constantFrom(...markets).chain((market) => {
    const leaves = policies[market].document.reasons.flatMap((g) => g.leaves);
    const pairs = leaves.flatMap((leaf) => leaf.kinds.map((kind) => ({ kind, reason: leaf.code })));
    return fc.record({
      market: fc.constant(market),
      ask: fc.constantFrom(...pairs),
      opened: fc.boolean(),
      replacementSku: fc.constantFrom("", "sku-2"),
      category: fc.constantFrom("homeware", "fresh", "custom_made", "software", "cosmetics", "hygiene", "magazines"),
      temperature: fc.constantFrom("AMBIENT", "CHILLED", "FROZEN"),
      finalSale: fc.boolean(),
      paid: fc.integer({ min: 0, max: 700_000 }),
      tier: fc.constantFrom("NONE", "PLUS", "GOLD"),
      riskScore: fc.integer({ min: 0, max: 100 }),
      delivered: fc.boolean(),
      day: fc.integer({ min: 0, max: 2500 }),
      later: fc.integer({ min: 0, max: 2500 }),
    });
  });
  type Anything = typeof anything extends fc.Arbitrary<infer T> ? T : never;
  const judgedOn = (a: Anything, day: number, over: Partial<Anything> = {}) => {
    const { market, ask, category, temperature, finalSale, paid, tier, riskScore, delivered, opened, replacementSku } =
      { ...a, ...over };
    const bought = order(
      market,
      [line({ category, temperature, finalSale, paid }, market)],
      delivered ? "2026-01-05T03:00:00Z" : "",
      { tier, riskScore },
    );
    const now = new Date(Date.parse("2026-01-05T04:00:00Z") + day * 86_400_000).toISOString();
    return judged(bought, asked(ask.kind, { reason: ask.reason, opened, replacementSku }), now);
  };

  it("a later day never turns a no into a yes", () => {
    fc.assert(
      fc.property(anything, (a) => {
        if (judgedOn(a, a.day).verdict === "DECLINE") assert.equal(judgedOn(a, a.day + a.later).verdict, "DECLINE");
      }),
      { numRuns: 1000 },
    );
  });
  it("a no always says its article and has a text, and its rule is the last one of the verdict that fired", () => {
    fc.assert(
      fc.property(anything, (a) => {
        const { verdict, lines, terms } = judgedOn(a, a.day);
        if (verdict !== "DECLINE") return;
        const [l] = lines;
        assert.ok(l && l.article !== "" && l.text !== "");
        assert.equal(l.fired.findLast(({ table }) => table === "verdict")?.rule, l.rule);
        assert.equal(terms, undefined);
      }),
      { numRuns: 1000 },
    );
  });
  it("risk never turns a yes into a no, nor costs money", () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 0, max: 100 }), (a, riskScore) => {
        const [one, other] = [judgedOn(a, a.day), judgedOn(a, a.day, { riskScore })];
        assert.equal(one.verdict === "DECLINE", other.verdict === "DECLINE");
        const amounts = (of: Judgement) => of.terms?.fees.map(({ code, amount }) => [code, amount]);
        assert.deepEqual(amounts(one), amounts(other));
      }),
      { numRuns: 1000 },
    );
  });
  it("nothing is charged that the customer did not cause, and nothing at all in Taiwan", () => {
    fc.assert(
      fc.property(anything, (a) => {
        const { terms, lines } = judgedOn(a, a.day);
        if (terms && (a.market === "TW" || lines[0]?.fault !== "CUSTOMER")) assert.deepEqual(terms.fees, []);
      }),
      { numRuns: 1000 },
    );
  });
});
