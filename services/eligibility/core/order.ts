// What is known of an order when it is judged, and what is asked of it. rpc.ts fills these from the outside systems.
import type { Money } from "#kit/pure/money.js";
import type { Notice } from "./periods.js";
import type { Kind, Listing } from "./words.js";

export type Line = {
  readonly lineId: string;
  readonly sku: string;
  readonly title: string;
  readonly purchased: number;
  /** For all units together. */
  readonly paid: Money;
  readonly category: string;
  readonly temperature: string;
  readonly sellerType: string;
  /** Who sold it, where somebody else than the shop did. */
  readonly sellerId?: string;
  /** "OWN", "SELLER" or "DIRECT". */
  readonly fulfilment: string;
  /** The product's own return class; empty for none. */
  readonly itemClass: string;
  readonly finalSale: boolean;
  /** Whether its customer, order or product stand on a list. */
  readonly listed: Listing;
};

export type Shipment = {
  /** When it arrived; undefined while it has not. */
  readonly delivered: Date | undefined;
  readonly units: readonly { readonly lineId: string; readonly quantity: number }[];
};

export type Order = {
  readonly orderId: string;
  readonly customerId: string;
  readonly market: string;
  readonly currency: string;
  readonly orderTime: Date;
  readonly lines: readonly Line[];
  /** All that is planned, under way or delivered. */
  readonly shipments: readonly Shipment[];
  readonly tier: string;
  readonly riskScore: number;
  /** The entries of lists that count for it. */
  readonly listEntryIds: readonly string[];
  /** When the customer was told of the right to withdraw. */
  readonly notice: Notice;
};

export type AskedLine = {
  readonly lineId: string;
  readonly quantity: number;
  readonly reason: string;
  readonly opened: boolean;
  /** The customer's own words. */
  readonly note: string;
  /** Empty when money is wanted. */
  readonly replacementSku: string;
  /** When the customer came to know that it is not as agreed; undefined if nobody said. */
  readonly discovered: Date | undefined;
};

export type Asked = {
  readonly kind: Kind;
  readonly lines: readonly AskedLine[];
  /** How often the goods were exchanged before; not at all if nobody said. */
  readonly exchanged?: number | undefined;
};

/**
 * When the last of some shipments arrived; undefined while one of them is under way, or there are none. Without a line
 * those of the whole order: goods that were cancelled before they left are in no shipment and hold nothing up.
 */
export function lastDelivery({ shipments }: Pick<Order, "shipments">, lineId?: string): Date | undefined {
  const mine = shipments.filter(({ units }) => lineId === undefined || units.some((unit) => unit.lineId === lineId));
  let last: Date | undefined;
  for (const { delivered } of mine) {
    if (delivered === undefined) return undefined;
    if (last === undefined || delivered > last) last = delivered;
  }
  return last;
}
