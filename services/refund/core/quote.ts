// How an amount comes about: the units' exact shares, the delivery cost with the last of them, coupons that no longer
// hold, fees, and what was given back before by other ways.
import { check } from "#kit/pure/check.js";
import { add, isZero, type Money, min, money, negate, portion, subtract, sum, zero } from "#kit/pure/money.js";
import { asDifferences, deducted, returned, taxReturned } from "./deductions.js";
import { payable } from "./payable.js";
import { discountedLines, type LineShare, shares, unitsOf } from "./shares.js";
import type {
  Adjustment,
  Difference,
  Discount,
  Fee,
  GrantedSoFar,
  Item,
  Promised,
  Quote,
  Restored,
  SoldOrder,
  Wanted,
} from "./types.js";

/** Delivery cost is refunded at most once, so it is kept like a line of one unit. */
export const shippingLine = "~shipping";

/**
 * Items, delivery with the last of them, and corrections, less fees.
 * @throws DomainError LINE_NOT_IN_ORDER, UNITS_EXCEED_PURCHASED, CURRENCY_MISMATCH, MONEY_INVALID,
 * REFUND_EXCEEDS_CAPTURED
 */
export function quote(order: SoldOrder, wanted: Wanted, soFar: GrantedSoFar): Quote {
  wanted.fees.forEach(({ amount }) => payable(amount));
  const lines = shares(order);
  const items = merged(wanted.lines).map(({ lineId, quantity }) => item(order, lines, lineId, quantity, soFar));
  const refunded = unitsAfter(soFar, items);
  const complete = order.lines.every((line) => refunded(line.lineId) === line.quantity);
  const shipping =
    wanted.refundShipping && complete && !soFar.units.has(shippingLine) ? order.shipping : zero(order.currency);
  if (shipping.minor > 0n) {
    items.push({ lineId: shippingLine, quantity: 1, fromUnit: 0, purchased: 1, amount: shipping, paid: shipping });
  }
  const gross = total(items, order);
  const coupons = couponEffects(order, lines, refunded, soFar, gross);
  const afterCoupons = add(gross, total(coupons, order));
  // A coupon's correction may have left less than the lines' shares: never is more deducted than there is.
  const taken = upTo(afterCoupons, deducted(order, wanted.deductions ?? [], items));
  const given = returned(order, wanted.returned ?? [], soFar);
  const corrected = add(afterCoupons, total([...taken, ...given], order));
  const before = givenBefore(order, corrected, wanted.fees, soFar);
  const due = add(corrected, total(before, order));
  const fees = cappedFees(wanted.fees, due);
  const amount = subtract(due, total(fees, order));
  return {
    items,
    fees,
    shipping,
    adjustments: [...coupons, ...taken, ...given, ...before],
    restored: restored(order, lines, refunded, soFar),
    tax: taxOf(order, lines, items, { gross, afterCoupons, amount: subtract(amount, total(given, order)) }, given),
    amount,
  };
}

/** Corrections that take, in order until nothing is left. */
function upTo(most: Money, adjustments: readonly Adjustment[]): Adjustment[] {
  let left = most;
  return adjustments.flatMap((adjustment): Adjustment[] => {
    const amount = min(negate(adjustment.amount), left);
    left = subtract(left, amount);
    return isZero(amount) ? [] : [{ ...adjustment, amount: negate(amount) }];
  });
}

/**
 * Why less, or more, is paid than was promised: itemised, so that both sums differ by exactly these.
 * @throws DomainError as quote
 */
export function differences(
  order: SoldOrder,
  wanted: Wanted,
  promised: readonly Promised[],
  paid: Quote,
  soFar: GrantedSoFar,
): Difference[] {
  if (promised.length === 0) return [];
  const before = quote(order, { ...wanted, lines: promised, deductions: [] }, soFar);
  const found = [
    ...promisedOnce(promised).flatMap((line) => lineDifferences(order, line, before, paid)),
    ...asDifferences(paid.adjustments),
  ];
  const rest = subtract(subtract(paid.amount, before.amount), total(found, order));
  if (isZero(rest)) return found;
  const reason = "delivery, coupons and fees, as they are for the units that are paid";
  return [...found, { code: "ADJUSTMENT", lineId: "", quantity: 0, amount: rest, reason }];
}

/** The same line promised twice is one line. */
function promisedOnce(promised: readonly Promised[]): Promised[] {
  const byLine = new Map<string, Promised>();
  for (const line of promised) {
    const { quantity, rejected, missing, reason } = byLine.get(line.lineId) ?? nothingPromised;
    byLine.set(line.lineId, {
      lineId: line.lineId,
      quantity: quantity + line.quantity,
      rejected: rejected + line.rejected,
      missing: missing + line.missing,
      reason: reason || line.reason,
    });
  }
  return [...byLine.values()];
}
const nothingPromised = { quantity: 0, rejected: 0, missing: 0, reason: "" };

function lineDifferences(order: SoldOrder, line: Promised, before: Quote, paid: Quote): Difference[] {
  const { lineId, reason } = line;
  const was = before.items.find((i) => i.lineId === lineId);
  const is = paid.items.find((i) => i.lineId === lineId);
  if (!was || was.quantity <= (is?.quantity ?? 0)) return [];
  const whole = shares(order).get(lineId) as LineShare;
  let from = was.fromUnit + (is?.quantity ?? 0);
  let left = was.quantity - (is?.quantity ?? 0);
  const parts = [
    ["REJECTED", line.rejected],
    ["MISSING", line.missing],
    ["UNITS", left],
  ] as const;
  return parts.flatMap(([code, count]) => {
    const quantity = Math.min(count, left);
    if (quantity === 0) return [];
    const amount = negate(unitsOf(whole.line, whole.net, from, quantity));
    from += quantity;
    left -= quantity;
    return [{ code, lineId, quantity, amount, reason }];
  });
}

function item(
  order: SoldOrder,
  lines: ReadonlyMap<string, LineShare>,
  lineId: string,
  quantity: number,
  soFar: GrantedSoFar,
): Item {
  const share = lines.get(lineId);
  check(share !== undefined, "LINE_NOT_IN_ORDER", `order ${order.orderId} has no line ${lineId}`, {
    order_id: order.orderId,
    line_id: lineId,
  });
  const { line, net } = share;
  const fromUnit = soFar.units.get(lineId) ?? 0;
  const left = line.quantity - fromUnit;
  check(
    quantity <= left,
    "UNITS_EXCEED_PURCHASED",
    `${left} of ${line.quantity} units of ${lineId} are left to refund`,
    { line_id: lineId, requested: String(quantity), purchased: String(line.quantity) },
  );
  const amount = unitsOf(line, net, fromUnit, quantity);
  return { lineId, quantity, fromUnit, purchased: line.quantity, amount, paid: net };
}

/** The same line twice in one request is one line. */
export function merged(lines: Wanted["lines"]): Wanted["lines"] {
  const byLine = new Map<string, number>();
  for (const { lineId, quantity } of lines) byLine.set(lineId, (byLine.get(lineId) ?? 0) + quantity);
  return [...byLine].map(([lineId, quantity]) => ({ lineId, quantity }));
}

/** Units of a line that are refunded once these items are. */
function unitsAfter(soFar: GrantedSoFar, items: readonly Item[]): (lineId: string) => number {
  const now = new Map(items.map((i) => [i.lineId, i.quantity]));
  return (lineId) => (soFar.units.get(lineId) ?? 0) + (now.get(lineId) ?? 0);
}

/**
 * A coupon with a minimum holds on what is kept only while that still reaches the minimum; else its share on what is
 * kept is taken back. It is given back when nothing is kept, so all refunds together bring what was paid. Never more is
 * taken than this refund brings: what is too much waits for the next one.
 */
function couponEffects(
  order: SoldOrder,
  lines: ReadonlyMap<string, LineShare>,
  refunded: (lineId: string) => number,
  soFar: GrantedSoFar,
  gross: Money,
): Adjustment[] {
  let room = gross;
  return order.discounts.flatMap((discount): Adjustment[] => {
    const taken = money(soFar.takenBack.get(discount.discountId) ?? 0n, order.currency);
    const wanted = subtract(onWhatIsKept(order, discount, lines, refunded), taken);
    const amount = negate(min(wanted, room));
    if (isZero(amount)) return [];
    room = add(room, amount);
    const code = amount.minor < 0n ? "COUPON_BELOW_MINIMUM" : "COUPON_RETURNED";
    return [{ code, amount, reference: discount.discountId }];
  });
}

/** The discount's share on kept units, if they no longer reach its minimum; else nothing. */
function onWhatIsKept(
  order: SoldOrder,
  discount: Discount,
  lines: ReadonlyMap<string, LineShare>,
  refunded: (lineId: string) => number,
): Money {
  if (!discount.minimumSpend) return zero(order.currency);
  let spend = zero(order.currency);
  let share = zero(order.currency);
  for (const line of discountedLines(order, discount)) {
    const from = refunded(line.lineId);
    const kept = line.quantity - from;
    spend = add(spend, unitsOf(line, line.paid, from, kept));
    share = add(share, unitsOf(line, lines.get(line.lineId)?.discounts.get(discount.discountId), from, kept));
  }
  return spend.minor >= discount.minimumSpend.minor ? zero(order.currency) : share;
}

/**
 * What the customer has already: goodwill paid on this order, or money their bank took back. It explains why less is
 * left of the payments than the units brought; more than it explains is refused.
 */
function givenBefore(order: SoldOrder, due: Money, fees: readonly Fee[], soFar: GrantedSoFar): Adjustment[] {
  let left = zero(order.currency);
  let goodwill = zero(order.currency);
  let chargedBack = zero(order.currency);
  for (const { paymentId, captured } of order.payments) {
    const past = soFar.payments.get(paymentId);
    left = add(left, captured);
    if (!past) continue;
    left = { ...left, minor: left.minor - past.refunded - past.chargedBack };
    goodwill = { ...goodwill, minor: goodwill.minor + past.goodwill };
    chargedBack = { ...chargedBack, minor: chargedBack.minor + past.chargedBack };
  }
  const wanted = subtract(due, total(cappedFees(fees, due), order));
  const excess = subtract(wanted, left);
  if (excess.minor <= 0n) return [];
  check(
    excess.minor <= goodwill.minor + chargedBack.minor,
    "REFUND_EXCEEDS_CAPTURED",
    `${excess.minor} minor units more than is left of what was captured`,
    {
      payment_id: order.payments.map((p) => p.paymentId).join(","),
      requested: wanted.minor.toString(),
      left: left.minor.toString(),
    },
  );
  const asGoodwill = min(excess, goodwill);
  const parts = [
    { code: "PAID_BEFORE", amount: negate(asGoodwill), reference: order.orderId },
    { code: "CHARGED_BACK", amount: negate(subtract(excess, asGoodwill)), reference: order.orderId },
  ] as const;
  return parts.filter(({ amount }) => !isZero(amount));
}

/** Fees never make a refund negative: they are taken in order until nothing is left. */
function cappedFees(fees: readonly Fee[], gross: Money): Fee[] {
  let left = gross;
  const taken: Fee[] = [];
  for (const fee of fees) {
    const amount = min(fee.amount, left);
    left = subtract(left, amount);
    if (amount.minor > 0n) taken.push({ ...fee, amount });
  }
  return taken;
}

/** Coupons come back when nothing is kept of what they were spent on; earned points go with what they were earned by. */
function restored(
  order: SoldOrder,
  lines: ReadonlyMap<string, LineShare>,
  refunded: (lineId: string) => number,
  soFar: GrantedSoFar,
): Restored[] {
  const coupons = order.discounts
    .filter((discount) => {
      if (discount.kind !== "COUPON") return false;
      const on = discountedLines(order, discount);
      const allBack = on.every((line) => refunded(line.lineId) === line.quantity);
      const wereBack = on.every((line) => (soFar.units.get(line.lineId) ?? 0) === line.quantity);
      return allBack && !wereBack;
    })
    .map(({ discountId }): Restored => ({ kind: "COUPON", reference: discountId, points: 0 }));
  const points = revokedUpTo(order, lines, refunded) - soFar.pointsRevoked;
  if (points <= 0) return coupons;
  return [...coupons, { kind: "POINTS_EARNED", reference: order.orderId, points: -points }];
}

function revokedUpTo(
  order: SoldOrder,
  lines: ReadonlyMap<string, LineShare>,
  refunded: (lineId: string) => number,
): number {
  if (order.earnedPoints === 0) return 0;
  let all = 0n;
  let back = 0n;
  for (const { line, net } of lines.values()) {
    all += net.minor;
    back += unitsOf(line, net, 0, refunded(line.lineId)).minor;
  }
  return all === 0n ? 0 : Number((BigInt(order.earnedPoints) * back) / all);
}

/** What the items contain, and what is given back beside them; undefined where the order does not tell. */
function taxOf(
  order: SoldOrder,
  lines: ReadonlyMap<string, LineShare>,
  items: readonly Item[],
  sums: Sums,
  given: readonly Adjustment[],
): Money | undefined {
  // Fees may take more than the items leave, and then a part of what is given back.
  const amount = sums.amount.minor < 0n ? zero(order.currency) : sums.amount;
  const contained = containedTax(lines, items, { ...sums, amount });
  return contained && add(contained, taxReturned(order, given));
}

type Sums = { readonly gross: Money; readonly afterCoupons: Money; readonly amount: Money };

/**
 * The tax contained in the amount. A line's tax is told for its price: a discount on several lines takes its part of it
 * along, and so does what is kept as a fee or was paid before. A coupon's correction belongs to goods that are kept.
 */
function containedTax(
  lines: ReadonlyMap<string, LineShare>,
  items: readonly Item[],
  { gross, afterCoupons, amount }: Sums,
): Money | undefined {
  if ([...lines.values()].every(({ line }) => !line.tax)) return undefined;
  const parts = items.flatMap(({ lineId, fromUnit, quantity }) => {
    const { line, net } = lines.get(lineId) ?? {};
    if (!line?.tax || !net || line.paid.minor === 0n) return [];
    return [unitsOf(line, portion(line.tax, net.minor, line.paid.minor, "half-up"), fromUnit, quantity)];
  });
  const whole = sum(parts, gross.currency);
  if (amount.minor === gross.minor) return whole;
  return isZero(afterCoupons) ? afterCoupons : min(portion(whole, amount.minor, afterCoupons.minor, "half-up"), amount);
}

function total(parts: readonly { readonly amount: Money }[], { currency }: SoldOrder): Money {
  return sum(
    parts.map(({ amount }) => amount),
    currency,
  );
}
