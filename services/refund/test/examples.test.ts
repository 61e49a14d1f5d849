// The worked examples of the README, computed: what stands there is what the code does with the shipped policies.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type Money, money } from "#kit/pure/money.js";
import { answered, matched } from "../core/answers.js";
import { isInterest } from "../core/delay.js";
import { accrualTime } from "../core/interest.js";
import { type RefundPolicy, readPolicy } from "../core/policy.js";
import { grant, setAccount } from "../core/refund.js";
import type { Fault, GrantedSoFar, Refund, SoldOrder } from "../core/types.js";
import { nothingYet, soldLine, soldOrder } from "./builders.js";
import { Desk, days, manners, noon, owed, said, scene } from "./desk.js";

const here = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
const readme = here("../README.md").replaceAll(/ +/g, " ");
const shipped = (market: string): RefundPolicy => readPolicy(JSON.parse(here(`../policies/${market}.json`)));

type Part = {
  readonly lines: readonly [string, number][];
  readonly fee?: bigint;
  readonly fault: Fault;
  readonly due?: Date;
};
type Example = {
  readonly market: string;
  readonly document: string;
  readonly order: SoldOrder;
  readonly parts: readonly Part[];
};

const abilities = manners({ VIRTUAL_ACCOUNT: { accountNeeded: true }, CVS: { partial: "NONE" } });

/** Refunds the parts one after the other and has each paid, five days after it was due where the law says when. */
function play({ market, order, parts }: Example): Desk[] {
  let soFar: GrantedSoFar = nothingYet;
  return parts.map(({ lines, fee, fault, due }, i) => {
    const at = scene({ order, soFar, policy: shipped(market), abilities, refundId: `rfd-${i}`, now: noon });
    const fees = fee ? [{ code: "RETURN_SHIPPING", amount: money(fee, order.currency), ruleId: market }] : [];
    const wanted = lines.map(([lineId, quantity]) => ({ lineId, quantity }));
    const desk = new Desk(grant(at, owed(order, { lines: wanted, fees, fault, dueTime: due })));
    soFar = booked(soFar, desk.refund);
    const now = due ? accrualTime(due, 5) : noon;
    if (desk.refund.state === "HELD") desk.do((r) => setAccount(r, "acct", () => "key", now));
    // The interest is a share that comes with the last of the others.
    for (let t = 0; t < desk.refund.tenders.length; t++) {
      const key = desk.refund.tenders[t]!.providerKey;
      desk.do((r) => answered(r, key, said("SUCCEEDED"), { now, customerDays: 0 }));
    }
    desk.sound();
    return desk;
  });
}

/** The books after a refund, in the plainest way. */
function booked(soFar: GrantedSoFar, { quote, tenders }: Refund): GrantedSoFar {
  const units = new Map(soFar.units);
  for (const { lineId, quantity } of quote.items) units.set(lineId, (units.get(lineId) ?? 0) + quantity);
  const payments = new Map(soFar.payments);
  for (const { paymentId, amount } of tenders) {
    const refunded = (payments.get(paymentId)?.refunded ?? 0n) + amount.minor;
    payments.set(paymentId, { refunded, goodwill: 0n, chargedBack: 0n, disputeOpen: false });
  }
  const takenBack = new Map(soFar.takenBack);
  for (const a of quote.adjustments) takenBack.set(a.reference, (takenBack.get(a.reference) ?? 0n) - a.amount.minor);
  const pointsRevoked = soFar.pointsRevoked - quote.restored.reduce((sum, { points }) => sum + points, 0);
  return { refunds: soFar.refunds + 1, units, payments, takenBack, pointsRevoked };
}

/** As a page writes it: 18.50, 60,000, and a sign in front where something is taken. */
function written({ minor, currency }: Money, sign = false): string {
  const whole = currency === "GBP" || currency === "TWD" ? 100n : 1n;
  const size = minor < 0n ? -minor : minor;
  const units = (size / whole).toLocaleString("en-GB");
  const text = currency === "GBP" ? `${units}.${String(size % whole).padStart(2, "0")}` : units;
  return minor < 0n ? `−${text}` : sign ? `+${text}` : text;
}

/** The rows of an example's table, a column per refund. */
function rows({ document }: Example, desks: readonly Desk[]): string[] {
  const refunds = desks.map(({ refund }) => refund);
  const row = (name: string, cell: (refund: Refund) => string) =>
    `| ${[name, ...refunds.map((r) => cell(r) || "–")].join(" | ")} |`;
  const goods = (r: Refund) => r.quote.items.filter(({ lineId }) => lineId !== "~shipping");
  const late = refunds.some(({ interest }) => interest);
  return [
    row("units", (r) =>
      goods(r)
        .map((i) => written(i.amount))
        .join(" + "),
    ),
    row("coupon", (r) => r.quote.adjustments.map((a) => written(a.amount, true)).join(" ")),
    row("fee", (r) => r.quote.fees.map((f) => `−${written(f.amount)}`).join(" ")),
    row("delivery", (r) => (r.quote.shipping.minor > 0n ? written(r.quote.shipping) : "")),
    row("**amount**", (r) => `**${written(r.quote.amount)}**`),
    row("goes over", (r) =>
      r.tenders
        .filter((t) => !isInterest(t))
        .map((t) => `${t.paymentId} ${written(t.amount)}`)
        .join(", "),
    ),
    row(document, (r) => {
      const twin = r.twins.find(({ kind }) => kind === "TAX_DOCUMENT")!;
      return `${twin.correction}: ${written(twin.amount!)}, tax ${written(twin.tax!)}`;
    }),
    row("besides", (r) =>
      r.quote.restored
        .map((b) => (b.kind === "COUPON" ? "the coupon" : `${b.points} points`).replace("-", "−"))
        .join(", "),
    ),
    ...(late
      ? [row("interest", (r) => (r.interest ? `${r.interest.days} days: ${written(r.interest.amount)}` : ""))]
      : []),
  ];
}

const gbp = (minor: bigint) => money(minor, "GBP");
const krw = (minor: bigint) => money(minor, "KRW");
const twd = (dollars: bigint) => money(dollars * 100n, "TWD");
const coupon = (amount: Money, minimumSpend?: Money) =>
  ({ discountId: "coupon", kind: "COUPON", amount, lineIds: [], minimumSpend }) as const;

const examples: readonly Example[] = [
  {
    market: "GB",
    document: "VAT invoice",
    order: soldOrder({
      lines: [soldLine("mugs", 3, 1_000n, { tax: gbp(167n) }), soldLine("lamp", 1, 2_550n, { tax: gbp(425n) })],
      discounts: [coupon(gbp(500n), gbp(3_000n))],
      shipping: gbp(395n),
      payments: [
        { paymentId: "points", method: "POINTS", captured: gbp(1_000n) },
        { paymentId: "card", method: "CARD", captured: gbp(2_445n) },
      ],
      taxDocument: { kind: "VAT_INVOICE", number: "INV-1", issueTime: noon },
      earnedPoints: 34,
    }),
    parts: [
      { lines: [["lamp", 1]], fee: 200n, fault: "CUSTOMER" },
      { lines: [["mugs", 3]], fault: "SELLER" },
    ],
  },
  {
    market: "KR",
    document: "cash receipt",
    order: soldOrder({
      market: "KR",
      currency: "KRW",
      lines: [
        soldLine("shirts", 2, 0n, { paid: krw(60_000n), tax: krw(5_455n) }),
        soldLine("bag", 1, 0n, { paid: krw(40_000n), tax: krw(3_636n) }),
      ],
      discounts: [coupon(krw(10_000n))],
      shipping: krw(3_000n),
      payments: [
        { paymentId: "points", method: "POINTS", captured: krw(13_000n) },
        { paymentId: "account", method: "VIRTUAL_ACCOUNT", captured: krw(80_000n) },
      ],
      taxDocument: { kind: "CASH_RECEIPT", number: "CR-1", issueTime: noon },
      earnedPoints: 900,
    }),
    parts: [
      {
        lines: [
          ["shirts", 1],
          ["bag", 1],
        ],
        fee: 3_000n,
        fault: "CUSTOMER",
        due: days(3),
      },
      { lines: [["shirts", 1]], fault: "SELLER" },
    ],
  },
  {
    market: "TW",
    document: "e-invoice",
    order: soldOrder({
      market: "TW",
      currency: "TWD",
      lines: [
        soldLine("tea", 3, 0n, { paid: twd(1_000n), tax: twd(48n) }),
        soldLine("pot", 1, 0n, { paid: twd(800n), tax: twd(38n) }),
      ],
      discounts: [coupon(twd(100n), twd(1_500n))],
      shipping: twd(60n),
      payments: [
        { paymentId: "points", method: "POINTS", captured: twd(160n) },
        { paymentId: "counter", method: "CVS", captured: twd(1_600n) },
      ],
      taxDocument: { kind: "E_INVOICE", number: "AB-12345678", issueTime: noon },
      earnedPoints: 17,
    }),
    parts: [
      { lines: [["tea", 1]], fee: 6_000n, fault: "CUSTOMER" },
      {
        lines: [
          ["tea", 2],
          ["pot", 1],
        ],
        fault: "SELLER",
      },
    ],
  },
];

describe("refund: the README's worked examples", () => {
  for (const example of examples) {
    const { market, order } = example;
    it(`${market}: stand there as they are computed, and sum to what was paid less the fee`, () => {
      const desks = play(example);
      const all = rows(example, desks);
      for (const text of all) assert.ok(readme.includes(text), `the README does not say\n${all.join("\n")}`);
      const sum = (of: readonly Money[]) => of.reduce((total, { minor }) => total + minor, 0n);
      const paid = sum(order.payments.map(({ captured }) => captured));
      const fees = sum(desks.flatMap(({ refund }) => refund.quote.fees.map(({ amount }) => amount)));
      assert.equal(sum(desks.map(({ refund }) => refund.quote.amount)) + fees, paid);
      assert.equal(
        sum(order.lines.map((l) => l.paid)) + order.shipping.minor - sum(order.discounts.map((d) => d.amount)),
        paid,
      );
    });
  }

  it("says what the first of them books", () => {
    const [first] = play(examples[0]!);
    const { key } = first!.refund.twins[0]!;
    first!.do((r) => matched(r, key, "CN-1", noon));
    for (const { kind, bookings } of first!.journals) {
      const text = bookings.map(({ account, amount }) => `${account} ${written(amount, true)}`).join(" · ");
      assert.ok(readme.includes(`| ${kind} | ${text} |`), `| ${kind} | ${text} |`);
    }
  });
});
