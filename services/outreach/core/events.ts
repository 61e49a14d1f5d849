// What subscribers are told of a history, and which of them.
import type { WebhookEvent } from "#gen/backhaul/outreach/v1/webhook.js";
import type { MoneyState } from "#gen/backhaul/resolution/v1/resolution.js";
import { typeOf, wants } from "./catalog.js";
import type { History, Subscription } from "./types.js";

/** An event and where it stands in the history. */
export type Told = { readonly event: WebhookEvent; readonly sequence: number; readonly occurTime: Date };

/** The version of a body; fields are only ever added to it. */
const version = "1";
const refundedState: MoneyState.MONEY_STATE_REFUNDED = 4;

/** The same entry is the same event, whoever reads it and how often. */
function eventIdOf(resolutionId: string, sequence: number): string {
  return `${resolutionId}.${sequence}`;
}

/** What is told of entries beyond those that were told before. A fact that changed nothing is no event. */
export function eventsOf(history: History, after: number): Told[] {
  const { resolutionId, market, orderId, kind, refunded } = history;
  return history.entries.flatMap(({ sequence, name, applied, createTime, state, goods, money, stock }) => {
    const type = typeOf(name);
    if (Number(sequence) <= after || !applied || !type || !createTime) return [];
    const paid = money === refundedState ? refunded : undefined;
    const event: WebhookEvent = {
      id: eventIdOf(resolutionId, Number(sequence)),
      type,
      version,
      occurredAt: createTime,
      market,
      resolutionId,
      data: { sequence, orderId, kind, state, goods, money, stock, refunded: paid },
    };
    return [{ event, sequence: Number(sequence), occurTime: createTime }];
  });
}

/** A trial event: it is about nothing. */
export function pingOf(id: string, occurredAt: Date): WebhookEvent {
  return { id, type: "ping", version, occurredAt, market: "", resolutionId: "", data: undefined };
}

/** What of a subscription says which events it gets. */
export type Listener = Pick<
  Subscription,
  "subscriptionId" | "state" | "eventTypes" | "markets" | "sellerId" | "createTime"
>;

/** Whether a subscription gets an event: asked for, in force, and not from before it was made. */
export function gets(subscription: Listener, { event, occurTime }: Told, sellerIds: readonly string[]): boolean {
  const { state, eventTypes, markets, sellerId, createTime } = subscription;
  return (
    state === "ACTIVE" &&
    wants(eventTypes, event.type) &&
    (markets.length === 0 || markets.includes(event.market)) &&
    (sellerId === "" || sellerIds.includes(sellerId)) &&
    occurTime >= createTime
  );
}
