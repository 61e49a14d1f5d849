// Requests that the refund service and the reconciler take.
import { ProviderMove } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import { Twist } from "#gen/backhaul/sandbox/v1/scenario_service.js";
import { until } from "#kit/testing/peers.js";
import type { Shop } from "../shop.js";
import { type Posts, taken } from "./post.js";
import { longStory } from "./stories.js";

const account = { bankCode: "088", accountNumber: "110-123-456789", holderName: "Kim" };

/** Goodwill that takes a second person. */
async function granted(shop: Shop): Promise<string> {
  const { orderId } = await shop.order({ market: "GB", paidMinor: 20_000n });
  const body = { orderId, amount: { currencyCode: "GBP", units: "50" }, reason: "DELIVERY_LATE" };
  return (await taken(shop, "AGENT", "alice", "/v1/refunds:grantGoodwill", body)).refundId;
}

/** A refund of a cancellation, once it is in this state. */
async function refunded(shop: Shop, state: string, method: string) {
  const order = await shop.order({
    shipsInDays: 1,
    more: ({ orderId, money }) => ({ payments: [{ paymentId: `pay-${orderId}`, method, captured: money(50_000n) }] }),
  });
  const { resolutionId } = await shop.ask(order, "CANCELLATION");
  const refund = await until(`the refund is ${state}`, async () => {
    const { refundId } = await shop.see(resolutionId);
    const seen = refundId ? await shop.refund(refundId) : undefined;
    return seen?.state === `REFUND_STATE_${state}` && seen;
  });
  return { ...order, refund };
}

/** A refund that the provider refused. */
async function refused(shop: Shop): Promise<string> {
  const order = await shop.order({ shipsInDays: 1 });
  await shop.scenario({ twist: Twist.TWIST_REFUSED, orderId: order.orderId, method: "RefundPayment", times: 1 });
  const { resolutionId } = await shop.ask(order, "CANCELLATION");
  return until("it was refused", async () => {
    const { refundId } = await shop.see(resolutionId);
    return refundId !== "" && (await shop.refund(refundId)).state === "REFUND_STATE_FAILED" && refundId;
  });
}

/** A refund whose money came back to us. */
async function reversed(shop: Shop) {
  const { refund, orderId } = await refunded(shop, "SUCCEEDED", "CARD");
  const key = refund.quote.tenders[0]?.providerKey ?? "";
  const move = ProviderMove.PROVIDER_MOVE_REVERSE;
  await shop.sandbox.moveProvider({ move, key, paymentId: "", silently: false });
  await until("it came back", async () => (await shop.refund(refund.refundId)).state === "REFUND_STATE_FAILED");
  return { refundId: refund.refundId, paymentId: `pay-${orderId}` };
}

export const refundPosts: Posts = {
  "POST /v1/refunds:grantGoodwill": async (shop) => {
    const { orderId } = await shop.order({ market: "GB", paidMinor: 5_000n });
    const body = { orderId, amount: { currencyCode: "GBP", units: "20" }, reason: "DELIVERY_LATE" };
    const path = "/v1/refunds:grantGoodwill";
    const other = { body: { ...body, note: "another" } };
    return { role: "AGENT", who: "alice", path, body, other, makes: "refund" };
  },
  "POST /v1/refunds/{refund_id}:approve": async (shop) => {
    const path = (refundId: string) => `/v1/refunds/${refundId}:approve`;
    const other = { path: path(await granted(shop)) };
    return { role: "LEAD", who: "lena", path: path(await granted(shop)), body: {}, other };
  },
  "POST /v1/refunds/{refund_id}:decline": async (shop) => {
    const path = `/v1/refunds/${await granted(shop)}:decline`;
    return { role: "LEAD", who: "lena", path, body: { note: "too much" }, other: { body: { note: "another" } } };
  },
  "POST /v1/refunds/{refund_id}:setAccount": async (shop) => {
    const { refund, customerId } = await refunded(shop, "HELD", "VIRTUAL_ACCOUNT");
    const path = `/v1/refunds/${refund.refundId}:setAccount`;
    const other = { body: { ...account, holderName: "Lee" } };
    return { role: "CUSTOMER", who: customerId, path, body: account, other };
  },
  "POST /v1/refunds/{refund_id}:retry": async (shop) => {
    const path = (refundId: string) => `/v1/refunds/${refundId}:retry`;
    const other = { path: path(await granted(shop)) };
    return { role: "FINANCE", who: "fiona", path: path(await refused(shop)), body: {}, other };
  },
  "POST /v1/refunds/{refund_id}:settleManually": async (shop) => {
    const { refundId, paymentId } = await reversed(shop);
    const path = `/v1/refunds/${refundId}:settleManually`;
    const body = { paymentId, reference: "wire 7" };
    return { role: "FINANCE", who: "fiona", path, body, other: { body: { ...body, reference: "wire 8" } } };
  },
  "POST /v1/refunds/{refund_id}:settleRecovery": async (shop) => {
    const { refundId } = await shop.see(await longStory(shop, "early"));
    const path = `/v1/refunds/${refundId}:settleRecovery`;
    const body = { recovered: false, reference: "small amount" };
    return { role: "FINANCE", who: "fiona", path, body, other: { body: { ...body, reference: "another" } } };
  },
  "POST /v1/reconciliation/breaks/{break_id}:explain": async (shop) => {
    const { refund } = await refunded(shop, "SUCCEEDED", "CARD");
    const key = refund.quote.tenders[0]?.providerKey ?? "";
    const move = ProviderMove.PROVIDER_MOVE_REVERSE;
    await shop.sandbox.moveProvider({ move, key, paymentId: "", silently: true });
    await shop.pass(0.1);
    const found = await until("the books disagree", async () => {
      await taken(shop, "FINANCE", "fay", "/v1/reconciliation:run", {});
      const { json } = await shop.rest("FINANCE", "fay", "GET", "/v1/reconciliation/breaks?state=OPEN");
      return json.breaks.find((one: { refundId: string }) => one.refundId === refund.refundId);
    });
    const path = `/v1/reconciliation/breaks/${found.breakId}:explain`;
    const body = { explanation: "the provider has written to us" };
    return { role: "FINANCE", who: "fay", path, body, other: { body: { explanation: "another" } } };
  },
  "POST /v1/reconciliation:run": async () => {
    const path = "/v1/reconciliation:run";
    return { role: "FINANCE", who: "fay", path, body: {}, other: {} };
  },
};
