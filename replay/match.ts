/**
 * Finds for each cancelled article the purchase it gives back, and writes the requests the replay sends. Pure.
 *
 * A cancelled line fits the purchases of the same customer and SKU made up to its own time (same minute included):
 *   matched  enough units are left on them. It takes the latest single purchase line that has enough; when none has,
 *            it is spread over the latest ones.
 *   over     fewer are left than it gives back. It is written whole against the latest purchase line, and takes what
 *            was left: the units did come back, however they were booked. (Were it to take nothing, the whole record
 *            would have 74 of these instead of 76.)
 *   unknown  there is no such purchase. It is written against the customer's latest order, on a line that does not
 *            exist; a customer without any order yet is written against an order that does not exist, `none-<invoice>`.
 * Policy has no say here. Unknown lines must be refused whatever it says; whether an over line must be depends on what
 * was accepted before it, which ledger.ts reckons.
 */
import type { Cancellation, CancelledLine, History, Sale } from "./history.js";

export type MatchKind = "matched" | "unknown" | "over";

export interface RequestLine {
  lineId: string;
  stockCode: string;
  /** Units to give back. */
  quantity: number;
  /** Units the order has on this line; 0 when it has no such line. */
  bought: number;
}

/** One per C invoice, order and kind; each over line has its own, so that its refusal drags no other line down. */
export interface ReplayRequest {
  /** C536379-536365, -unknown or -over-<n> after it where that is the kind, C536379-none without an order. */
  requestId: string;
  /** The C invoice. */
  cancellationId: string;
  time: Date;
  customerId: string;
  orderId: string;
  kind: MatchKind;
  /** A line id stands once: two cancelled lines that take from one purchase line are added up. */
  lines: RequestLine[];
  /** Since the order was placed; absent where there is no order. */
  hoursSincePurchase?: number;
  stockCodes: string[];
}

export interface MatchCounts {
  /** Cancelled articles that name a customer: the sum of the three kinds. */
  lines: number;
  kinds: Record<MatchKind, number>;
  /** Matched lines that one purchase line covers; of these, the ones that give back only a part of it. */
  onOneLine: number;
  partOfOneLine: number;
  /** Matched lines spread over several purchase lines. */
  spread: number;
  /** Unknown lines of customers without any order yet. */
  withoutOrder: number;
}

export interface Matching {
  /** In time order; at the same time a C invoice's requests stand together, matched ones first. */
  requests: ReplayRequest[];
  counts: MatchCounts;
}

interface Purchase {
  sale: Sale;
  lineId: string;
  bought: number;
  left: number;
}

/** What one customer has bought up to now. */
interface Customer {
  latest: Sale;
  /** By SKU, in time order. */
  purchases: Map<string, Purchase[]>;
}

export function matchHistory({ sales, cancellations }: Pick<History, "sales" | "cancellations">): Matching {
  const customers = new Map<string, Customer>();
  const matching: Matching = { requests: [], counts: noCounts() };
  const waiting = [...sales].sort(byTime);
  let next = 0;
  for (const cancellation of [...cancellations].sort(byTime)) {
    for (let sale = waiting[next]; sale !== undefined && sale.time <= cancellation.time; sale = waiting[++next]) {
      enter(customers, sale);
    }
    const { customerId } = cancellation;
    if (customerId === undefined) continue;
    const batch = new Batch(cancellation, customerId);
    for (const line of cancellation.lines) matchLine(line, customers.get(customerId), batch, matching.counts);
    matching.requests.push(...batch.requests());
  }
  return matching;
}

function enter(customers: Map<string, Customer>, sale: Sale): void {
  if (sale.customerId === undefined) return;
  const customer = customers.get(sale.customerId) ?? { latest: sale, purchases: new Map<string, Purchase[]>() };
  customer.latest = sale;
  customers.set(sale.customerId, customer);
  for (const { lineId, stockCode, quantity } of sale.lines) {
    const purchases = customer.purchases.get(stockCode) ?? [];
    purchases.push({ sale, lineId, bought: quantity, left: quantity });
    customer.purchases.set(stockCode, purchases);
  }
}

function matchLine(line: CancelledLine, customer: Customer | undefined, batch: Batch, counts: MatchCounts): void {
  const { stockCode, quantity } = line;
  const purchases = customer?.purchases.get(stockCode) ?? [];
  const latest = purchases.at(-1);
  const left = purchases.reduce((sum, purchase) => sum + purchase.left, 0);
  counts.lines += 1;
  if (latest === undefined) {
    counts.kinds.unknown += 1;
    counts.withoutOrder += +(customer === undefined);
    batch.unknown(line, customer?.latest);
  } else if (left < quantity) {
    counts.kinds.over += 1;
    take(purchases, left);
    batch.over(line, latest);
  } else {
    const parts = take(purchases, quantity);
    const [first] = parts;
    counts.kinds.matched += 1;
    if (parts.length > 1) counts.spread += 1;
    else counts.onOneLine += 1;
    if (parts.length === 1 && first !== undefined && quantity < first.purchase.bought) counts.partOfOneLine += 1;
    for (const part of parts) batch.matched(stockCode, part.purchase, part.units);
  }
}

/** Takes units off the latest purchase that has enough, or off the latest ones in turn; says what it took where. */
function take(purchases: Purchase[], units: number): { purchase: Purchase; units: number }[] {
  const single = purchases.findLast((purchase) => purchase.left >= units);
  const parts: { purchase: Purchase; units: number }[] = [];
  let wanted = units;
  for (const purchase of single === undefined ? purchases.toReversed() : [single]) {
    const taken = Math.min(wanted, purchase.left);
    if (taken === 0) continue;
    purchase.left -= taken;
    wanted -= taken;
    parts.push({ purchase, units: taken });
  }
  return parts;
}

/** Gathers the requests of one C invoice. */
class Batch {
  private readonly byId = new Map<string, ReplayRequest>();
  private readonly cancellation: Cancellation;
  private readonly customerId: string;

  constructor(cancellation: Cancellation, customerId: string) {
    this.cancellation = cancellation;
    this.customerId = customerId;
  }

  matched(stockCode: string, { sale, lineId, bought }: Purchase, quantity: number): void {
    this.add("matched", "", sale, { lineId, stockCode, quantity, bought });
  }

  over({ n, stockCode, quantity }: CancelledLine, { sale, lineId, bought }: Purchase): void {
    this.add("over", `-over-${n}`, sale, { lineId, stockCode, quantity, bought });
  }

  unknown({ stockCode, quantity }: CancelledLine, sale: Sale | undefined): void {
    const lineId = `${sale?.orderId ?? `none-${this.cancellation.invoiceNo}`}-unknown-${stockCode}`;
    this.add("unknown", sale === undefined ? "" : "-unknown", sale, { lineId, stockCode, quantity, bought: 0 });
  }

  requests(): ReplayRequest[] {
    const found = [...this.byId.values()];
    return [...found.filter((each) => each.kind === "matched"), ...found.filter((each) => each.kind !== "matched")];
  }

  private add(kind: MatchKind, suffix: string, sale: Sale | undefined, line: RequestLine): void {
    const { invoiceNo, time } = this.cancellation;
    const requestId = `${invoiceNo}-${sale?.orderId ?? "none"}${suffix}`;
    const request = this.byId.get(requestId) ?? {
      requestId,
      cancellationId: invoiceNo,
      time,
      customerId: this.customerId,
      orderId: sale?.orderId ?? `none-${invoiceNo}`,
      kind,
      lines: [],
      ...(sale === undefined ? {} : { hoursSincePurchase: (time.getTime() - sale.time.getTime()) / 3_600_000 }),
      stockCodes: [],
    };
    this.byId.set(requestId, request);
    const same = request.lines.find((each) => each.lineId === line.lineId);
    if (same === undefined) request.lines.push(line);
    else same.quantity += line.quantity;
    if (!request.stockCodes.includes(line.stockCode)) request.stockCodes.push(line.stockCode);
  }
}

function byTime(a: { time: Date }, b: { time: Date }): number {
  return a.time.getTime() - b.time.getTime();
}

function noCounts(): MatchCounts {
  const kinds = { matched: 0, unknown: 0, over: 0 };
  return { lines: 0, kinds, onOneLine: 0, partOfOneLine: 0, spread: 0, withoutOrder: 0 };
}
