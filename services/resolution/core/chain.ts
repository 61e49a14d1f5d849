// Goods that were exchanged come back in their turn. A replacement's units are units of their own: they count under the
// exchange that sent them, once, whatever became of the order line they stand for.
import { check } from "#kit/pure/check.js";
import type { Line, Resolution } from "./types.js";

/** An exchange whose replacement is asked about. */
export type ExchangedFrom = {
  readonly resolutionId: string;
  /** Units of each order line that the customer was sent. */
  readonly sent: ReadonlyMap<string, number>;
  /** The replacement had another price: what it is worth is not what was paid for the line. */
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
  const sent = new Map(origin.lines.map((line) => [line.lineId, sentOf(line)]));
  const { price, paid } = origin.exchange ?? {};
  const priced = price !== undefined && price.minor !== paid?.minor;
  return { resolutionId: resolution_id, sent, priced, exchanged: chain.length };
}

/** The lines, counted as units of the replacement. @throws DomainError ORIGIN_NOT_FULFILLED */
export function replacedUnits(lines: readonly Line[], { resolutionId, sent }: ExchangedFrom): Line[] {
  return lines.map((line) => {
    const purchased = sent.get(line.lineId) ?? 0;
    const problem = `it sent nothing for line ${line.lineId}`;
    check(purchased > 0, "ORIGIN_NOT_FULFILLED", `nothing of ${resolutionId} can come back: ${problem}`, {
      resolution_id: resolutionId,
      problem,
    });
    return { ...line, purchased, heldAs: `${line.lineId}@${resolutionId}` };
  });
}

function sentOf({ quantity, accepted, rejected, missing, lost = 0 }: Line): number {
  return accepted + rejected + missing > 0 ? accepted + lost : quantity;
}
