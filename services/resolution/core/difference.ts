// A replacement that costs more or less than what it replaces: who owes what, for how long it is held, and until when the
// customer can pay.
import { type Money, subtract, sum } from "#kit/pure/money.js";
import type { Owing } from "./context2.js";
import type { Exchange, Resolution } from "./types.js";

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
  const difference = exchange && dueOf(exchange);
  const payBy = new Date(updateTime.getTime() + payMs).toISOString();
  return { currency: difference?.currency ?? "", minor: String(difference?.minor ?? 0n), payBy };
}

/** Whether a refund is only for what a replacement costs less. */
export function keepsReplacement({ tracks }: Resolution): boolean {
  return tracks?.stock === "FULFILLED" || tracks?.stock === "RESHIPPING";
}

/** What the customer has yet to pay; negative what they have paid too much, undefined where it cannot be said. */
export function dueOf({ price, paid, received }: Exchange): Money | undefined {
  if (!price || !paid || price.currency !== paid.currency) return undefined;
  return subtract(subtract(price, paid), receivedOf(received, price.currency));
}

/** Whether the customer paid anything for a replacement: whatever forgets it asks for it twice, or keeps it. */
export function hasReceived({ exchange }: Resolution): boolean {
  return (exchange?.received ?? []).length > 0;
}

/** What was paid under demands in all. */
function receivedOf(received: Exchange["received"] = [], currency: string): Money {
  return sum(
    received.map(({ amount }) => amount),
    currency,
  );
}

/** Who owes what, by what a replacement costs, what was paid for the goods it replaces, and what was paid since. */
export function owing(exchange: Exchange): Owing {
  const { minor } = dueOf(exchange) ?? { minor: 0n };
  if (minor === 0n) return "NOBODY";
  return minor > 0n ? "CUSTOMER" : "SHOP";
}

/** The demand that is out, as the calls about it carry it: how it ends may be heard when another has taken its place. */
export function demandOut({ demandId = "", asked, price, paid }: Exchange): object {
  const amount = asked ?? (price && paid && subtract(price, paid));
  return { demandId, ...(amount && { currency: amount.currency, minor: amount.minor.toString() }) };
}
