// Goods that were exchanged come back in their turn. A replacement's units are units of their own: they count under the
// exchange that sent them, once, whatever became of the order line they stand for.
import { check } from "#kit/pure/check.js";
import type { Money } from "#kit/pure/money.js";
import type { Context } from "./context2.js";
import type { Line, Resolution } from "./types.js";
import { sharesOf, worthOf } from "./worth.js";

/** An exchange whose replacement is asked about. */
export type ExchangedFrom = {
  readonly resolutionId: string;
  /** Units of each order line that the customer was sent. */
  readonly sent: ReadonlyMap<string, number>;
  /** What was paid for all of them, where a replacement of the chain had another price than what it replaced. */
  readonly worth: Money | undefined;
  /** There was such a price: nothing of it can go back the way it came. */
  readonly priced: boolean;
  /** How often the goods were exchanged, this exchange included. */
  readonly exchanged: number;
};

/**
 * Whether a replacement can be asked about.
 * @param chain the exchange it came from, the exchange that came from, and so on
 * @throws DomainError ORIGIN_NOT_FULFILLED, EXCHANGE_CHAIN_TOO_LONG
 */
export function chainOf(
  chain: readonly Resolution[],
  asked: { readonly orderId: string; readonly again: boolean; readonly limit: number },
): ExchangedFrom {
  const origin = chain[0] as Resolution;
  const resolution_id = origin.resolutionId;
  const refuse = (fits: boolean, problem: string) =>
    check(fits, "ORIGIN_NOT_FULFILLED", `nothing of ${resolution_id} can come back: ${problem}`, {
      resolution_id,
      problem,
    });
  refuse(origin.orderId === asked.orderId, "it is about another order");
  refuse(origin.tracks?.stock === "FULFILLED", "the customer has no replacement from it");
  const limit = String(asked.limit);
  const message = `its goods were exchanged ${chain.length} times; they can be returned for money`;
  check(!asked.again || chain.length < asked.limit, "EXCHANGE_CHAIN_TOO_LONG", message, { resolution_id, limit });
  const sent = new Map(origin.lines.map((line) => [line.lineId, sentOf(origin, line)]));
  // Later exchanges of equal prices do not bring back what an earlier one changed.
  const priced = chain.some(({ exchange }) => exchange?.price && exchange.price.minor !== exchange.paid?.minor);
  const units = [...sent].map(([lineId, quantity]) => ({ lineId, quantity }));
  const worth = priced ? (origin.exchange?.price ?? worthOf(origin.lines, units)) : undefined;
  return { resolutionId: resolution_id, sent, worth, priced, exchanged: chain.length };
}

/** The lines, counted as units of the replacement. @throws DomainError ORIGIN_NOT_FULFILLED */
export function replacedUnits(lines: readonly Line[], { resolutionId, sent, worth }: ExchangedFrom): Line[] {
  const shares = worth && sharesOf(worth, sent, lines);
  return lines.map((line) => {
    const purchased = sent.get(line.lineId) ?? 0;
    const problem = `it sent nothing for line ${line.lineId}`;
    check(purchased > 0, "ORIGIN_NOT_FULFILLED", `nothing of ${resolutionId} can come back: ${problem}`, {
      resolution_id: resolutionId,
      problem,
    });
    const share = shares?.get(line.lineId);
    return { ...line, purchased, heldAs: `${line.lineId}@${resolutionId}`, ...(share && { worth: share }) };
  });
}

/** What was sent is what it was held for, whatever was found of the goods it replaced. */
function sentOf({ exchange, chart, tracks }: Resolution, line: Line): number {
  const { lineId, quantity, accepted, rejected, missing, lost = 0 } = line;
  if (exchange?.units) return exchange.units.find((unit) => unit.lineId === lineId)?.quantity ?? 0;
  // Held before that was kept: all of it, unless the goods were looked at first.
  const { sentEarly, exchange: mode } = chart.context as Partial<Context>;
  const all = (sentEarly ?? mode !== "STANDARD") || tracks?.goods === "LOST" || accepted + rejected + missing === 0;
  return all ? quantity : accepted + lost;
}
