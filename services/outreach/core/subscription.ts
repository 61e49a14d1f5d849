// What people do with a subscription, and what we do when its subscriber is gone.
import { check, DomainError } from "#kit/pure/check.js";
import { isKnownType } from "./catalog.js";
import type { Delivery, DisabledReason, Former, Sealed, Subscription } from "./types.js";

/** What an owner says about it. */
export type Wishes = {
  readonly url: string;
  readonly description: string;
  readonly eventTypes: readonly string[];
  readonly markets: readonly string[];
};

/** @throws DomainError WEBHOOK_EVENT_UNKNOWN */
export function subscribe(
  wishes: Wishes,
  whose: { readonly subscriptionId: string; readonly sellerId: string; readonly secret: Sealed },
  now: Date,
): Subscription {
  return {
    ...asked(wishes),
    ...whose,
    state: "ACTIVE",
    disabledReason: undefined,
    failingSince: undefined,
    former: undefined,
    createTime: now,
    updateTime: now,
    version: 1,
  };
}

/** Changes what is said; made active again, it has all its time to be reached. @throws DomainError WEBHOOK_EVENT_UNKNOWN */
export function update(subscription: Subscription, wishes: Wishes, active: boolean, now: Date): Subscription {
  const wakes = active && subscription.state !== "ACTIVE";
  return {
    ...changed(subscription, now),
    ...asked(wishes),
    state: active ? "ACTIVE" : subscription.state === "DISABLED" ? "DISABLED" : "PAUSED",
    disabledReason: active ? undefined : subscription.disabledReason,
    failingSince: wakes ? undefined : subscription.failingSince,
  };
}

/** A new secret; the one of now signs along for a while. */
export function rotate(subscription: Subscription, secret: Sealed, formerUntil: Date, now: Date): Subscription {
  const former: Former = { secret: subscription.secret, until: formerUntil };
  return { ...changed(subscription, now), secret, former };
}

/** Nothing more is sent. One that was stopped before stays as it is. */
export function disable(subscription: Subscription, reason: DisabledReason, now: Date): Subscription {
  if (subscription.state !== "ACTIVE") return subscription;
  return { ...changed(subscription, now), state: "DISABLED", disabledReason: reason };
}

/** Ends it for good; its secrets go with it. */
export function remove(subscription: Subscription, now: Date): Subscription {
  return { ...changed(subscription, now), state: "DELETED", secret: new Uint8Array(), former: undefined };
}

/** @throws DomainError WEBHOOK_STATE */
export function assertActive({ state, subscriptionId }: Subscription, verb: string): void {
  check(state === "ACTIVE", "WEBHOOK_STATE", `${subscriptionId} is ${state}: make it active first`, {
    id: subscriptionId,
    state,
    verb,
  });
}

/** Sends it again from the first try on. @throws DomainError WEBHOOK_STATE */
export function replay(delivery: Delivery): Delivery {
  const { state, version } = delivery;
  if (state === "PENDING") throw refused(delivery, "replay");
  return { ...delivery, state: "PENDING", tries: 0, endTime: undefined, version: version + 1 };
}

/** Gives it up. @throws DomainError WEBHOOK_STATE */
export function discard(delivery: Delivery, now: Date): Delivery {
  const { state, version } = delivery;
  if (state !== "PENDING" && state !== "DEAD") throw refused(delivery, "discard");
  return { ...delivery, state: "DISCARDED", endTime: now, version: version + 1 };
}

function changed(subscription: Subscription, now: Date): Subscription {
  return { ...subscription, updateTime: now, version: subscription.version + 1 };
}

function asked(wishes: Wishes): Wishes {
  for (const type of wishes.eventTypes) {
    check(isKnownType(type), "WEBHOOK_EVENT_UNKNOWN", `there is no event of type ${type}`, { event_type: type });
  }
  const once = (words: readonly string[]) => [...new Set(words)].sort();
  return { ...wishes, eventTypes: once(wishes.eventTypes), markets: once(wishes.markets) };
}

function refused({ deliveryId: id, state }: Delivery, verb: string): DomainError {
  return new DomainError("WEBHOOK_STATE", `${id} is ${state}: ${verb} is not possible`, { id, state, verb });
}
