// Toss Payments: cancels of payments, in KRW and in the foreign currencies it takes.
import { InvalidRequest } from "#kit/errors.js";
import { check } from "#kit/pure/check.js";
import { compare, subtract, zero } from "#kit/pure/money.js";
import { tossCapabilities } from "../capabilities.js";
import type { TossConfig } from "../config.js";
import { NoAnswer } from "../http.js";
import { exceeds, notFound, type Provider, type RefundOrder, refused } from "../provider.js";
import { openSeal } from "../seal.js";
import { receiverOf, register } from "./accounts.js";
import { openClient } from "./client.js";
import { explain, isTooLarge } from "./errors.js";
import { openPace } from "./pace.js";
import { reasonOf, type TossPayment, toNumber, toPayment } from "./shapes.js";
import { tossStatement } from "./statement.js";

export function openToss(config: TossConfig): Provider<TossPayment> {
  const client = openClient(config, config.requestTimeoutMs);
  const pace = openPace(config.tossSpacingMs);
  const seal = openSeal(config.accountSealKeys);

  async function read(paymentId: string): Promise<TossPayment> {
    try {
      return { ...toPayment(await client.get(pathOf(paymentId))), paymentId };
    } catch (error) {
      throw explain(error, paymentId);
    }
  }

  /** @throws InvalidRequest, DomainError PARTNER_NOT_FOUND */
  function receiver({ accountToken }: RefundOrder, { method }: TossPayment) {
    // Any other payment goes back the way it came: an account that comes with it is not ours to pay to.
    if (method !== "VIRTUAL_ACCOUNT") return undefined;
    if (accountToken === "")
      throw new InvalidRequest([{ field: "account_token", description: "is needed to refund a virtual account" }]);
    const account = receiverOf(seal, accountToken);
    if (!account) throw notFound("toss", "account of this token");
    return account;
  }

  return {
    name: "toss",
    capabilities: tossCapabilities,
    read,

    payBack: async (order, payment) => {
      const { key, amount } = order;
      const { paymentId, captured, refunded } = payment;
      const left = subtract(captured, refunded);
      if (!payment.isPartialCancelable && compare(amount, left) < 0)
        throw refused("toss", "NOT_ALLOWED_PARTIAL_REFUND", `Toss pays back all of ${paymentId}, or nothing`);
      const cancelAmount = toNumber(amount);
      const { minor, currency } = amount;
      check(cancelAmount !== undefined, "MONEY_INVALID", `${minor} ${currency} is beyond what Toss can be told`, {
        currency,
      });
      // Always with the amount: without it Toss cancels all that is left. Without Toss's own refundableAmount check: its
      // no would stay with the key, though only another refund had come between.
      const refundReceiveAccount = receiver(order, payment);
      const body = JSON.stringify({ cancelReason: reasonOf(key), cancelAmount, refundReceiveAccount });
      try {
        const after = toPayment(await pace(paymentId, () => client.post(`${pathOf(paymentId)}/cancel`, body, key)));
        const booked = after.refunds.find((refund) => refund.key === key);
        if (booked) return booked;
      } catch (error) {
        if (isTooLarge(error)) throw exceeds(await read(paymentId), amount);
        throw explain(error, paymentId);
      }
      // "Done", and not a word of this cancel.
      throw new NoAnswer("cancel_not_listed");
    },

    // Toss's API tells of no chargebacks.
    disputes: async ({ captured: { currency } }) => ({ chargedBack: zero(currency), open: false }),

    statement: tossStatement(openClient(config, config.statementTimeoutMs), read),
    register: (account) => register(seal, account),
  };
}

function pathOf(paymentKey: string): string {
  return `/v1/payments/${encodeURIComponent(paymentKey)}`;
}
