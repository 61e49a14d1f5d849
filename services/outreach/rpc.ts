// The rpcs of backhaul.outreach.v1.WebhookService: check, one verb, reply.
import { WebhookEvent } from "#gen/backhaul/outreach/v1/webhook.js";
import { WebhookServiceService } from "#gen/backhaul/outreach/v1/webhook_service.js";
import { byRequest, type UnaryMethod } from "#kit/aggregate.js";
import type { Call } from "#kit/call.js";
import type { Clocks } from "#kit/clock.js";
import { newId } from "#kit/ids.js";
import { check } from "#kit/pure/check.js";
import type { Handlers } from "#kit/server.js";
import { pingOf } from "./core/events.js";
import * as core from "./core/subscription.js";
import type { Delivery, Subscription } from "./core/types.js";
import { type Deliveries, notFound as deliveryNotFound } from "./deliveries.js";
import { deliveryStates, toAttemptMessage, toDeliveryMessage, toMessage } from "./proto.js";
import type { Seal } from "./sealing.js";
import { newSecret } from "./signature.js";
import { notFound, type Subscriptions } from "./subscriptions.js";
import type { Targets } from "./targets.js";

export type RpcParts = {
  readonly subscriptions: Subscriptions;
  readonly deliveries: Deliveries;
  readonly seal: Seal;
  readonly targets: Targets;
  readonly clocks: Clocks;
  /** Of one seller, and of the shop's own. */
  readonly subscriptionsMax: number;
  /** How long a secret signs on after it was rotated. */
  readonly formerSecretMs: number;
  readonly poke: () => void;
};

const contract = WebhookServiceService;
type Secret = { subscription: ReturnType<typeof toMessage> | undefined; secret: string };

export function webhookRpc(parts: RpcParts): Handlers<typeof WebhookServiceService> {
  const { subscriptions, deliveries, seal, targets, clocks, subscriptionsMax, formerSecretMs, poke } = parts;
  const stands = (subscription: Subscription) => ({ subscription: toMessage(subscription) });
  const isSent = (delivery: Delivery) => ({ delivery: toDeliveryMessage(delivery) });

  /** @throws DomainError WEBHOOK_SUBSCRIPTION_NOT_FOUND, also for what is somebody else's */
  function assertTheirs({ subscriptionId, sellerId, state }: Subscription, { caller }: Call): void {
    const theirs = caller.role !== "SELLER" || caller.subject === sellerId;
    if (!theirs || state === "DELETED") throw notFound(subscriptionId);
  }
  async function found(subscriptionId: string, call: Call): Promise<Subscription> {
    const subscription = await subscriptions.find(subscriptionId);
    assertTheirs(subscription, call);
    return subscription;
  }
  function assertOf(delivery: Delivery, subscriptionId: string): void {
    if (delivery.subscriptionId !== subscriptionId) throw deliveryNotFound(delivery.deliveryId);
  }

  /** A request whose answer shows a secret: what is kept of the answer does not. */
  function showing<Q extends { requestId: string }, R extends Secret>(
    method: UnaryMethod<Q, R>,
    request: Q,
    call: Call,
    secret: string,
  ) {
    const spend = byRequest(method, request, call, (it: Subscription) => ({ ...stands(it), secret }) as R);
    return { ...spend, keep: (answer: R) => method.responseSerialize({ ...answer, secret: "" }) };
  }

  return {
    async createSubscription(request, call) {
      const secret = newSecret();
      const sellerId = call.caller.role === "SELLER" ? call.caller.subject : request.sellerId;
      return subscriptions.create(showing(contract.createSubscription, request, call, secret), async () => {
        await targets.check(request.url);
        const limit = String(subscriptionsMax);
        const some = await subscriptions.count(sellerId);
        check(some < subscriptionsMax, "WEBHOOK_SUBSCRIPTIONS_TOO_MANY", `there are ${limit} already`, { limit });
        const subscriptionId = newId("whs");
        const whose = { subscriptionId, sellerId, secret: seal.seal(subscriptionId, secret) };
        return core.subscribe(wishesOf(request), whose, clocks.business.now());
      });
    },

    async getSubscription({ subscriptionId }, call) {
      return stands(await found(subscriptionId, call));
    },

    async listSubscriptions(page, { caller }) {
      const sellerId = caller.role === "SELLER" ? caller.subject : undefined;
      const { rows, nextPageToken } = await subscriptions.list(sellerId, page);
      return { subscriptions: rows.map(toMessage), nextPageToken };
    },

    async updateSubscription(request, call) {
      const { subscriptionId, active } = request;
      const spend = byRequest(contract.updateSubscription, request, call, stands);
      const checked = await subscriptions.orRecall(spend, () => targets.check(request.url));
      if ("recalled" in checked) return checked.recalled;
      const answer = await subscriptions.change(subscriptionId, spend, (it) => {
        assertTheirs(it, call);
        return { next: core.update(it, wishesOf(request), active, clocks.business.now()) };
      });
      poke();
      return answer;
    },

    async deleteSubscription(request, call) {
      const spend = byRequest(contract.deleteSubscription, request, call, () => ({}));
      return subscriptions.change(request.subscriptionId, spend, (it) => {
        assertTheirs(it, call);
        return { next: core.remove(it, clocks.business.now()) };
      });
    },

    async rotateSecret(request, call) {
      const { subscriptionId } = request;
      const secret = newSecret();
      const sealed = seal.seal(subscriptionId, secret);
      const until = new Date(clocks.real.now().getTime() + formerSecretMs);
      return subscriptions.change(subscriptionId, showing(contract.rotateSecret, request, call, secret), (it) => {
        assertTheirs(it, call);
        return { next: core.rotate(it, sealed, until, clocks.business.now()) };
      });
    },

    async pingSubscription(request, call) {
      const { subscriptionId } = request;
      const answer = await deliveries.create(byRequest(contract.pingSubscription, request, call, isSent), async () => {
        core.assertActive(await found(subscriptionId, call), "ping");
        const event = pingOf(newId("evt"), clocks.business.now());
        return {
          next: pingDelivery(subscriptionId, event, clocks.real.now()),
          body: JSON.stringify(WebhookEvent.toJSON(event)),
        };
      });
      poke();
      return answer;
    },

    async listDeliveries({ subscriptionId, state, resolutionId, ...page }, call) {
      await found(subscriptionId, call);
      const filter = { state: deliveryStates.word(state), lane: resolutionId || undefined };
      const { rows, nextPageToken } = await deliveries.list(subscriptionId, filter, page);
      return { deliveries: rows.map(toDeliveryMessage), nextPageToken };
    },

    async getDelivery({ subscriptionId, deliveryId }, call) {
      await found(subscriptionId, call);
      const delivery = await deliveries.find(deliveryId);
      assertOf(delivery, subscriptionId);
      const [attempts, body] = await Promise.all([deliveries.attempts(deliveryId), deliveries.body(delivery.eventId)]);
      return { ...isSent(delivery), attempts: attempts.map(toAttemptMessage), body };
    },

    async replayDelivery(request, call) {
      const spend = byRequest(contract.replayDelivery, request, call, isSent);
      const answer = await changeDelivery(request, spend, call, core.replay);
      poke();
      return answer;
    },

    async discardDelivery(request, call) {
      const spend = byRequest(contract.discardDelivery, request, call, isSent);
      const now = clocks.real.now();
      const answer = await changeDelivery(request, spend, call, (it) => core.discard(it, now));
      poke();
      return answer;
    },

    async replayDeliveries(request, call) {
      const { subscriptionId, since } = request;
      const window = { since: since as Date, now: clocks.real.now() };
      const spend = byRequest(contract.replayDeliveries, request, call, stands);
      const answer = await subscriptions.replaySince(subscriptionId, spend, window, (it) => assertTheirs(it, call));
      poke();
      return answer;
    },
  };

  async function changeDelivery<R>(
    { subscriptionId, deliveryId }: { readonly subscriptionId: string; readonly deliveryId: string },
    spend: Parameters<typeof deliveries.change<R>>[1],
    call: Call,
    decide: (delivery: Delivery) => Delivery,
  ): Promise<R> {
    await found(subscriptionId, call);
    return deliveries.change(deliveryId, spend, clocks.real.now(), (it) => {
      assertOf(it, subscriptionId);
      return decide(it);
    });
  }
}

function wishesOf({ url, description, eventTypes, markets }: core.Wishes): core.Wishes {
  return { url, description, eventTypes, markets };
}

function pingDelivery(subscriptionId: string, { id, type }: WebhookEvent, createTime: Date): Delivery {
  return {
    deliveryId: newId("whd"),
    subscriptionId,
    eventId: id,
    eventType: type,
    lane: id,
    sequence: 1,
    state: "PENDING",
    tries: 0,
    attempts: 0,
    lastStatus: 0,
    lastError: "",
    createTime,
    endTime: undefined,
    version: 1,
  };
}
