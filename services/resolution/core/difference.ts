// A replacement that costs more or less than what it replaces: who owes what, for how long it is held, and until when the
// customer can pay.
import { type Money, subtract } from "#kit/pure/money.js";
import type { Owing } from "./context2.js";
import type { Resolution } from "./types.js";

const day = 86_400_000;
/** How long the inventory is asked to hold a replacement. */
const holdMs = 7 * day;
/** How long the customer has to pay. */
const payMs = 3 * day;

/** Until when a replacement is held that is asked for at a time. */
export function heldFrom(time: Date): Date {
  return new Date(time.getTime() + holdMs);
}

/** Until when a replacement is to be held, asked for now; undefined in version 1, which holds until it lets go. */
export function heldUntil({ chart, updateTime }: Resolution): Date | undefined {
  return chart.machine === "resolution/1" ? undefined : heldFrom(updateTime);
}

/** What the customer is asked to pay, and until when. */
export function demandOf({ exchange, updateTime }: Resolution): object {
  const difference = exchange?.price && exchange.paid && subtract(exchange.price, exchange.paid);
  const payBy = new Date(updateTime.getTime() + payMs).toISOString();
  return { currency: difference?.currency ?? "", minor: String(difference?.minor ?? 0n), payBy };
}

/** Whether a refund is only for what a replacement costs less. */
export function keepsReplacement({ tracks }: Resolution): boolean {
  return tracks?.stock === "FULFILLED" || tracks?.stock === "RESHIPPING";
}

/** Who owes what, by what a replacement costs and what was paid for the goods it replaces. */
export function owing(price: Money | undefined, paid: Money | undefined): Owing {
  if (!price || !paid || price.currency !== paid.currency || price.minor === paid.minor) return "NOBODY";
  return price.minor > paid.minor ? "CUSTOMER" : "SHOP";
}
