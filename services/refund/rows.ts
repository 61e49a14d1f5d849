// Between the core's words and the rows that the store writes and reads.
import { fromJson, toJson } from "#kit/json.js";
import { isDeduction } from "./core/deductions.js";
import type { GrantedSoFar, Quote, Refund, Tender, Twin } from "./core/types.js";

export function itemRows({ quote }: Refund): string {
  return toJson(
    quote.items.map((i) => ({
      line_id: i.lineId,
      from_unit: i.fromUnit,
      quantity: i.quantity,
      purchased: i.purchased,
      paid_minor: i.paid.minor,
      amount_minor: i.amount.minor,
    })),
  );
}

export function tenderRows(tenders: readonly Tender[], now: Date): string {
  return toJson(
    tenders.map((t) => ({
      provider_key: t.providerKey,
      payment_id: t.paymentId,
      route: t.route,
      currency: t.amount.currency,
      amount_minor: t.amount.minor,
      state: t.state,
      held_for: t.heldFor,
      provider_refund_id: t.providerRefundId,
      request_time: t.requestTime ?? null,
      settle_time: t.state === "SUCCEEDED" ? now : null,
    })),
  );
}

type Reserved = ReadonlyMap<string, { readonly captured: bigint; readonly minor: bigint }>;

/** What a refund holds of each payment: every share that is paid, or still to be. */
export function reserved({ tenders }: Refund): Reserved {
  const held = new Map<string, { captured: bigint; minor: bigint }>();
  for (const { paymentId, captured, amount, state } of tenders) {
    if (state === "VOIDED" || paymentId === "interest") continue;
    const minor = (held.get(paymentId)?.minor ?? 0n) + amount.minor;
    held.set(paymentId, { captured: captured.minor, minor });
  }
  return held;
}

/** What it held before and holds no longer. */
export function released(before: Refund, next: Refund): Reserved {
  const now = reserved(next);
  const free = [...reserved(before)].map(([id, { captured, minor }]) => {
    return [id, { captured, minor: minor - (now.get(id)?.minor ?? 0n) }] as const;
  });
  return new Map(free.filter(([, { minor }]) => minor !== 0n));
}

export function paymentRows(amounts: Reserved, { origin }: Refund): string {
  return toJson(
    [...amounts].map(([payment_id, { captured, minor }]) => ({
      payment_id,
      captured_minor: captured,
      amount_minor: minor,
      goodwill_minor: origin === "GOODWILL" ? minor : 0n,
    })),
  );
}

export function orNull(value: unknown): string | null {
  return value === undefined ? null : toJson(value);
}

// biome-ignore lint/suspicious/noExplicitAny: shaped by the statement above
export function toSoFar(row: any): GrantedSoFar {
  const takenBack = new Map<string, bigint>();
  const deducted = new Map<string, bigint>();
  let pointsRevoked = 0;
  for (const quote of row.quotes ?? []) {
    const { adjustments = [], restored = [] } = fromJson<Pick<Quote, "adjustments" | "restored">>(quote);
    for (const { code, amount, reference } of adjustments ?? []) {
      if (isDeduction(code)) deducted.set(reference, (deducted.get(reference) ?? 0n) - amount.minor);
      if (code !== "COUPON_BELOW_MINIMUM" && code !== "COUPON_RETURNED") continue;
      takenBack.set(reference, (takenBack.get(reference) ?? 0n) - amount.minor);
    }
    for (const { points } of restored ?? []) pointsRevoked -= Math.min(points, 0);
  }
  return {
    refunds: row.refunds,
    units: new Map(Object.entries(row.units ?? {})),
    payments: new Map(
      // biome-ignore lint/suspicious/noExplicitAny: as above
      (row.payments ?? []).map((p: any) => [
        p.id,
        {
          refunded: BigInt(p.refunded),
          goodwill: BigInt(p.goodwill),
          chargedBack: BigInt(p.chargedBack),
          disputeOpen: p.disputeOpen,
        },
      ]),
    ),
    takenBack,
    deducted,
    pointsRevoked,
  };
}

// biome-ignore lint/suspicious/noExplicitAny: the same columns from pg and from Prisma
export function toCore(row: any): Refund {
  return {
    refundId: row.refundId,
    resolutionId: row.resolutionId,
    orderId: row.orderId,
    customerId: row.customerId,
    market: row.market,
    sequence: row.sequence,
    origin: row.origin,
    reason: row.reason,
    fault: row.fault,
    grantedBy: row.grantedBy,
    issuedBy: row.issuedBy,
    state: row.state,
    quote: fromJson(row.quote),
    differences: fromJson(row.differences),
    tenders: fromJson<Tender[]>(row.tenders).map((t) => ({
      ...t,
      requestTime: t.requestTime,
      expectedTime: t.expectedTime,
    })),
    twins: fromJson<Twin[]>(row.twins).map((t) => ({ ...t, amount: t.amount, tax: t.tax })),
    interest: row.interest ? fromJson(row.interest) : undefined,
    recovery: row.recovery ? fromJson(row.recovery) : undefined,
    createTime: row.createTime,
    settleTime: row.settleTime ?? undefined,
    version: row.version,
  };
}
