// A mesh in which something of everything has happened, and come to rest: what the plants are put into.
import assert from "node:assert/strict";
import { Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import type { Shop } from "../../../test/shop.js";

/** Whom the plants are about: requests, and a refund that was paid. */
export type Cast = {
  /** Closed; its pick-up failed once, and one of two units was rejected. */
  readonly returned: string;
  readonly canceled: string;
  readonly exchanged: string;
  /** Waits for its driver. */
  readonly open: string;
  /** Of the returned goods. */
  readonly paid: string;
  /** Granted by one, issued by another. */
  readonly goodwill: string;
};

export async function tellStories(shop: Shop): Promise<Cast> {
  const [order, stopped, swapped, thanked] = await Promise.all([
    shop.order({ paidMinor: 300_001n }),
    shop.order({ shipsInDays: 9 }),
    shop.order({}),
    shop.order({ market: "GB", paidMinor: 20_000n, shipsInDays: 9 }),
  ]);
  await shop.scenario({ twist: Twist.TWIST_PICKUP_FAILED, orderId: order.orderId, times: 1 });
  await shop.scenario({ twist: Twist.TWIST_DAMAGED, orderId: order.orderId, units: 1 });
  const [returned, canceled, exchanged, goodwill] = await Promise.all([
    shop.ask(order, "RETURN", {
      reason: "NOT_AS_DESCRIBED",
      more: { note: "the glaze is cracked, call 010-1234-5678" },
    }),
    shop.ask(stopped, "CANCELLATION"),
    shop.ask(swapped, "EXCHANGE", { reason: "SIZE_TOO_SMALL", more: { replacementSku: "mug-large" } }),
    shop.rest("AGENT", "alice", "POST", "/v1/refunds:grantGoodwill", {
      orderId: thanked.orderId,
      amount: { currencyCode: "GBP", units: "50" },
      reason: "DELIVERY_LATE",
      note: "she was kind about it",
    }),
  ]);
  const approved = await shop.rest("LEAD", "lena", "POST", `/v1/refunds/${goodwill.json.refundId}:approve`, {});
  assert.equal(approved.status, 200, JSON.stringify(approved.json));
  await shop.pass(6);
  for (const { resolutionId } of [returned, canceled, exchanged]) await shop.reaches(resolutionId, "CLOSED");
  const open = await shop.ask(await shop.order({}), "RETURN");
  await shop.pass(0.1);
  return {
    returned: returned.resolutionId,
    canceled: canceled.resolutionId,
    exchanged: exchanged.resolutionId,
    open: open.resolutionId,
    paid: (await shop.see(returned.resolutionId)).refundId,
    goodwill: goodwill.json.refundId,
  };
}
