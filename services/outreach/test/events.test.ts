import assert from "node:assert/strict";
import { WebhookEvent } from "#gen/backhaul/outreach/v1/webhook.js";
import { Progress } from "#gen/backhaul/resolution/v1/resolution_events.js";
import { Kind } from "#gen/backhaul/type/v1/kind.js";
import { eventTypes } from "../core/catalog.js";
import { eventsOf, gets } from "../core/events.js";
import { subscribe, type Wishes } from "../core/subscription.js";
import type { History } from "../core/types.js";

const now = new Date("2026-11-23T12:00:00Z");
const entry = (sequence: number, name: string, more: Partial<Progress> = {}) =>
  Progress.fromPartial({ sequence: BigInt(sequence), name, state: 3, createTime: now, applied: true, ...more });
const history = (...entries: Progress[]): History => ({
  resolutionId: "res_1",
  orderId: "ord_1",
  market: "KR",
  kind: Kind.KIND_RETURN,
  sellerIds: ["s-1"],
  refunded: { currencyCode: "KRW", units: 47_000n, nanos: 0 },
  entries,
});
const wishes: Wishes = { url: "https://hooks.example/", description: "", eventTypes: [], markets: [] };
const subscribed = (more: Partial<Wishes> = {}, sellerId = "", at = now) =>
  subscribe({ ...wishes, ...more }, { subscriptionId: "whs_1", sellerId, secret: new Uint8Array() }, at);

describe("what subscribers are told of a history", () => {
  it("each public entry once, under an id that is the entry's own", () => {
    const told = eventsOf(history(entry(1, "Requested"), entry(2, "ParcelPickedUp"), entry(3, "Closed")), 1);
    assert.deepEqual(
      told.map(({ event }) => [event.id, event.type]),
      [
        ["res_1.2", "resolution.parcel_picked_up"],
        ["res_1.3", "resolution.closed"],
      ],
    );
  });

  it("nothing of what is our own affair, of what came too late, or of names that nobody listed", () => {
    const late = entry(3, "ParcelPickedUp", { applied: false });
    const own = ["AttentionRaised", "Resumed", "DeadlinesRecounted", "Reminded"].map((name, i) => entry(i + 10, name));
    assert.deepEqual(eventsOf(history(late, ...own, entry(20, "NoteWritten")), 0), []);
  });

  it("a body by the proto3 mapping, with what was refunded only once it was", () => {
    const [waiting, paid] = eventsOf(
      history(entry(1, "ParcelReceived", { money: 2 }), entry(2, "RefundSucceeded", { money: 4 })),
      0,
    );
    assert.deepEqual(WebhookEvent.toJSON(paid!.event), {
      id: "res_1.2",
      type: "resolution.refund_succeeded",
      version: "1",
      occurredAt: now.toISOString(),
      market: "KR",
      resolutionId: "res_1",
      data: {
        sequence: "2",
        orderId: "ord_1",
        kind: "KIND_RETURN",
        state: "RESOLUTION_STATE_OPEN",
        money: "MONEY_STATE_REFUNDED",
        refunded: { currencyCode: "KRW", units: "47000" },
      },
    });
    assert.equal(waiting?.event.data?.refunded, undefined);
  });

  it("has a type for each word of the catalogue, and no two the same", () => {
    assert.equal(new Set(eventTypes).size, eventTypes.length);
    for (const type of eventTypes) assert.match(type, /^resolution\.[a-z]+(_[a-z]+)*$/);
  });

  it("to whoever asked for the type, the market and the seller, since they asked", () => {
    const [told] = eventsOf(history(entry(1, "ParcelPickedUp")), 0);
    const does = (subscription: ReturnType<typeof subscribed>, sellers = ["s-1"]) => gets(subscription, told!, sellers);
    assert.ok(does(subscribed()));
    assert.ok(does(subscribed({ eventTypes: ["resolution.*"] })));
    assert.ok(does(subscribed({ eventTypes: ["resolution.parcel_picked_up"], markets: ["TW", "KR"] })));
    assert.ok(!does(subscribed({ eventTypes: ["resolution.closed"] })));
    assert.ok(!does(subscribed({ markets: ["TW"] })));
    assert.ok(does(subscribed({}, "s-1")));
    assert.ok(!does(subscribed({}, "s-2")));
    assert.ok(!does(subscribed({}, "s-1"), []));
    assert.ok(!does(subscribed({}, "", new Date(now.getTime() + 1))));
    assert.ok(!does({ ...subscribed(), state: "PAUSED" }));
  });
});
