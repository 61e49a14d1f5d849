// Refunds that went well, or badly in ways that are nobody's fault: none of them breaks an invariant.

/** One share of a refund, and what its provider made of it. */
export type Share = {
  readonly key: string;
  readonly payment: string;
  readonly minor: number;
  readonly route?: "ORIGINAL" | "BANK_TRANSFER" | "POINTS" | "STORE_CREDIT" | "MANUAL";
  readonly state?: string;
  /** At the provider; undefined where it knows nothing of it. */
  readonly provider?: "SUCCEEDED" | "REVERSED" | "FAILED" | "PENDING";
  /** Journals besides that of a payment that stands: kind, and what follows the key. */
  readonly journals?: readonly (readonly ["PAY" | "REVERSE" | "CHARGEBACK", string])[];
};

export type Case = {
  readonly id: string;
  readonly currency?: string;
  readonly market?: string;
  readonly state?: string;
  readonly lines?: readonly {
    readonly id: string;
    readonly units: number;
    readonly of: number;
    readonly minor: number;
    readonly paid: number;
  }[];
  readonly fees?: number;
  readonly coupon?: string;
  readonly shares: readonly Share[];
  readonly interest?: number;
  readonly recovery?: boolean;
  readonly goodwill?: readonly [string, string];
  /** What the resolution and the inspection say; nothing for goodwill. */
  readonly goods?: {
    readonly trigger: string;
    readonly collection: boolean;
    readonly flags?: object;
    readonly state?: string;
    /** Units of the first line. */
    readonly accepted?: number;
    readonly rejected?: number;
    /** Hours ago that it came and was judged. */
    readonly received?: number;
    readonly judged?: number;
  };
};

/** Payments: id, currency, captured, and by the provider's book what was charged back. */
export const payments: readonly (readonly [string, string, number, number])[] = [
  ["pay_a", "GBP", 2_800, 0],
  ["pts_a", "GBP", 500, 0],
  ["pay_b", "KRW", 50_000, 0],
  ["pay_c", "GBP", 2_000, 0],
  ["pay_d", "GBP", 1_000, 0],
  ["pay_e", "TWD", 120_000, 0],
  ["pay_f", "GBP", 1_000, 0],
  ["pay_g", "GBP", 1_000, 1_000],
  ["pay_h", "KRW", 90_000, 0],
];

export const cases: readonly Case[] = [
  {
    // A whole order comes back after the inspection: a fee is kept, a coupon and points come back.
    id: "a",
    lines: [
      { id: "mugs", units: 2, of: 2, minor: 1_000, paid: 1_000 },
      { id: "lamp", units: 1, of: 1, minor: 2_550, paid: 2_550 },
    ],
    fees: 250,
    coupon: "cpn_a",
    shares: [
      { key: "key_a1", payment: "pay_a", minor: 2_800, provider: "SUCCEEDED" },
      { key: "key_a2", payment: "pts_a", minor: 500, route: "POINTS" },
    ],
    goods: { trigger: "ON_INSPECTION", collection: true, state: "CLOSED", received: 60, judged: 55 },
  },
  {
    // Refunded at pickup; one of two units was not accepted, and its share is recovered.
    id: "b",
    currency: "KRW",
    market: "KR",
    lines: [{ id: "cups", units: 2, of: 3, minor: 33_333, paid: 50_000 }],
    shares: [{ key: "key_b", payment: "pay_b", minor: 33_333, provider: "SUCCEEDED" }],
    recovery: true,
    goods: { trigger: "ON_PICKUP_SCAN", collection: true, accepted: 1, rejected: 1, received: 20, judged: 10 },
  },
  {
    // Goodwill that two people granted, and a second one that is still asked for in a dispute, as two people wanted it.
    id: "c",
    goodwill: ["alice", "lena"],
    shares: [{ key: "key_c", payment: "pay_c", minor: 700, state: "REQUESTED" }],
  },
  {
    // Came back, and was paid by hand.
    id: "d",
    lines: [{ id: "vase", units: 1, of: 1, minor: 1_000, paid: 1_000 }],
    shares: [
      {
        key: "key_d",
        payment: "pay_d",
        minor: 1_000,
        route: "MANUAL",
        provider: "REVERSED",
        journals: [
          ["PAY", ""],
          ["REVERSE", ""],
          ["PAY", "#2"],
        ],
      },
    ],
    goods: { trigger: "ON_APPROVAL", collection: false },
  },
  {
    // Refused over its payment, and paid to a bank account under a key of its own. With interest, for it took long.
    id: "e",
    currency: "TWD",
    market: "TW",
    lines: [{ id: "pots", units: 1, of: 2, minor: 60_000, paid: 120_000 }],
    shares: [
      { key: "key_e1", payment: "pay_e", minor: 60_000, state: "VOIDED", provider: "FAILED" },
      { key: "key_e2", payment: "pay_e", minor: 60_000, route: "BANK_TRANSFER", provider: "SUCCEEDED" },
    ],
    interest: 300,
    goods: { trigger: "ON_DEADLINE", collection: true, flags: { guaranteeDue: true } },
  },
  {
    // The provider has paid, and its answer was lost.
    id: "f",
    lines: [{ id: "jugs", units: 1, of: 1, minor: 1_000, paid: 1_000 }],
    state: "REQUESTED",
    shares: [{ key: "key_f", payment: "pay_f", minor: 1_000, state: "REQUESTED", provider: "SUCCEEDED" }],
    goods: { trigger: "ON_INSPECTION", collection: true, flags: { stopped: true } },
  },
  {
    // The customer's bank took the money before we could give it back.
    id: "g",
    lines: [{ id: "bowl", units: 1, of: 1, minor: 1_000, paid: 1_000 }],
    state: "VOIDED",
    shares: [{ key: "key_g", payment: "pay_g", minor: 1_000, state: "VOIDED", journals: [["CHARGEBACK", ""]] }],
    goods: { trigger: "ON_RECEIPT", collection: true, received: 60 },
  },
  {
    // Refunded at pickup; the parcel is on its way.
    id: "h",
    currency: "KRW",
    market: "KR",
    lines: [{ id: "pans", units: 1, of: 1, minor: 90_000, paid: 90_000 }],
    shares: [{ key: "key_h", payment: "pay_h", minor: 90_000, provider: "SUCCEEDED" }],
    goods: { trigger: "ON_PICKUP_SCAN", collection: true, state: "OPEN" },
  },
];

/** What a customer may have before any of it came back. */
export const limits = { GB: 100_000n, KR: 100_000n, TW: 1_000_000n };
