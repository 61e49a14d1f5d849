// Who pays a share back: the payment provider over the payment itself or to a bank account, or the points system. All of
// them are asked under one key, and can be asked what became of it.
import {
  type PaymentServiceService,
  type ProviderRefund,
  ProviderRefundState,
} from "#gen/backhaul/partner/payment/v1/payment_service.js";
import type { Movement, PointsServiceService } from "#gen/backhaul/partner/points/v1/points_service.js";
import type { Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import { fromProto, type Money, toProto } from "#kit/pure/money.js";
import { words } from "#kit/words.js";
import type { Answer } from "./core/answers.js";
import type { Asking } from "./core/asking.js";
import { isInterest } from "./core/delay.js";
import type { PaymentNews } from "./store.js";

const states = words(ProviderRefundState, "PROVIDER_REFUND_STATE_");

export type Providers = {
  /** Has a share paid. */
  pay(share: Asking, call: Call): Promise<Answer>;
  /** What became of it; undefined if it was never asked for. */
  look(share: Asking, call: Call): Promise<Answer | undefined>;
  /** What the provider says of a payment. */
  payment(paymentId: string, call: Call): Promise<PaymentNews | undefined>;
};

export function openProviders(
  payments: ClientOf<typeof PaymentServiceService>,
  points: ClientOf<typeof PointsServiceService>,
): Providers {
  const isStored = ({ route }: Asking) => route === "POINTS" || route === "STORE_CREDIT";

  return {
    async pay({ paymentId, key, accountToken, customerId, ...share }, call) {
      const asked = { minor: BigInt(share.minor), currency: share.currency };
      const amount = toProto(asked);
      switch (share.route) {
        case "POINTS":
        case "STORE_CREDIT": {
          const { movement } = isInterest({ paymentId })
            ? await points.grantCredit({ key, customerId, reference: key, amount }, call)
            : await points.restorePoints({ key, customerId, paymentId, amount }, call);
          return moved(movement);
        }
        case "BANK_TRANSFER":
          return told((await payments.payOut({ key, accountToken, amount }, call)).refund, asked);
        default:
          return told((await payments.refundPayment({ key, paymentId, amount, accountToken }, call)).refund, asked);
      }
    },

    async look(share, call) {
      const { key } = share;
      if (isStored(share)) {
        const { found, movement } = await points.findMovement({ key }, call);
        return found ? moved(movement) : undefined;
      }
      const paymentId = share.route === "BANK_TRANSFER" ? "" : share.paymentId;
      const { found, refund } = await payments.findRefund({ key, paymentId }, call);
      return found ? told(refund, { minor: BigInt(share.minor), currency: share.currency }) : undefined;
    },

    async payment(paymentId, call) {
      const { payment } = await payments.getPayment({ paymentId }, call);
      if (!payment?.captured) return undefined;
      const captured = fromProto(payment.captured);
      const chargedBack = payment.chargedBack ? fromProto(payment.chargedBack) : { ...captured, minor: 0n };
      return { paymentId, captured, chargedBack, disputeOpen: payment.disputeOpen };
    },
  };
}

/**
 * An answer about another amount is about something else under the same key: some providers give the first answer to
 * whatever is asked. @throws Error, which leaves open what the provider did
 */
function told(refund: ProviderRefund | undefined, asked: Money): Answer {
  if (!refund) throw new Error("the provider's answer holds no refund");
  const { state, providerRefundId, failure, amount } = refund;
  const paid = amount && fromProto(amount);
  if (paid && (paid.minor !== asked.minor || paid.currency !== asked.currency)) {
    throw new Error(
      `the provider answers for ${paid.minor} ${paid.currency}, not for ${asked.minor} ${asked.currency}`,
    );
  }
  return { state: states.word(state) ?? "SUCCEEDED", providerRefundId, failure };
}

function moved(movement: Movement | undefined): Answer {
  return { state: "SUCCEEDED", providerRefundId: movement?.movementId ?? "", failure: "" };
}
