// The payment provider.
import type { PaymentServiceService, ProviderRefund } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import type { Clock } from "#kit/clock.js";
import { InvalidRequest } from "#kit/errors.js";
import { fromProto, toProto } from "#kit/pure/money.js";
import type { Partner } from "../played.js";
import type { BookedRefund } from "../store/payments.js";
import type { Store } from "../store/store.js";

export function paymentPartner({ payments }: Store, clock: Clock): Partner<typeof PaymentServiceService> {
  const orderOf = async (paymentId: string) => (await payments.orderOf(paymentId)) ?? paymentId;

  return {
    refundPayment: {
      about: ({ paymentId }) => orderOf(paymentId),
      answer: async ({ key, paymentId, amount }) => {
        const money = amount && fromProto(amount);
        if (!money || money.minor <= 0n)
          throw new InvalidRequest([{ field: "amount", description: "must be above zero" }]);
        return { refund: toProviderRefund(await payments.payBack(key, paymentId, money, clock.now())) };
      },
    },

    findRefund: {
      about: async ({ key }) => {
        const refund = await payments.refundOf(key);
        return refund ? orderOf(refund.paymentId) : key;
      },
      answer: async ({ key }) => {
        const refund = await payments.refundOf(key);
        return { found: refund !== undefined, refund: refund && toProviderRefund(refund) };
      },
    },
  };
}

export function toProviderRefund({ amount, ...refund }: BookedRefund): ProviderRefund {
  return { ...refund, amount: toProto(amount) };
}
