// Between rows and the core's words.
import type { Delivery, Subscription } from "./core/types.js";

export const subscriptionColumns = `subscription_id, seller_id, url, description, event_types, markets, state,
  disabled_reason, failing_since, secret, former_secret, former_until, create_time, update_time, version`;
const deliveryColumns = `delivery_id, subscription_id, event_id, lane, sequence, state, tries, attempts, last_status,
  last_error, create_time, end_time, version`;

/** Columns under the names that Prisma gives them, so that both ways of reading meet in one mapping. */
const selected = (columns: string, of = "") =>
  columns.replace(/\w+/g, (name) => `${of}${name} AS "${name.replace(/_(\w)/g, (_, c: string) => c.toUpperCase())}"`);

export const selectSubscription = `SELECT ${selected(subscriptionColumns)} FROM subscription`;
export const selectDelivery = `SELECT ${selected(deliveryColumns, "d.")}, e.type AS "eventType"
  FROM delivery d JOIN webhook_event e USING (event_id)`;

// biome-ignore lint/suspicious/noExplicitAny: the same columns from pg and from Prisma
export function toSubscription(row: any): Subscription {
  const { formerSecret, formerUntil, disabledReason, failingSince, place: _, ...rest } = row;
  return {
    ...rest,
    disabledReason: disabledReason || undefined,
    failingSince: failingSince ?? undefined,
    former: formerSecret ? { secret: formerSecret, until: formerUntil } : undefined,
  };
}

// biome-ignore lint/suspicious/noExplicitAny: a row of selectDelivery
export function toDelivery(row: any): Delivery {
  return { ...row, endTime: row.endTime ?? undefined };
}
