// The one thing a refund still has to do: ask the provider, and book what it said. Intent, call and record are three
// commits, never one; the key was stored with the intent and is the only one the provider ever sees.
import type { PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import type { StepHandler } from "#kit/agenda.js";
import { byStep } from "#kit/aggregate.js";
import type { Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import type { Clock } from "#kit/clock.js";
import { toProto } from "#kit/pure/money.js";
import { failTender, settleTender } from "./core/refund.js";
import type { Store } from "./store.js";

export type StepParts = {
  readonly store: Store;
  readonly payments: ClientOf<typeof PaymentServiceService>;
  readonly clock: Clock;
};

/** What the step carries: see the store. */
type Payment = { readonly paymentId: string; readonly key: string; readonly currency: string; readonly minor: string };

export function refundSteps({ store, payments, clock }: StepParts): Readonly<Record<string, StepHandler>> {
  /** The provider's id of the refund. An outcome that got lost before is looked up, not asked for again. */
  async function payBack({ key, paymentId, currency, minor }: Payment, attempt: number, call: Call): Promise<string> {
    if (attempt > 1) {
      const { refund } = await payments.findRefund({ key }, call);
      if (refund) return refund.providerRefundId;
    }
    const amount = toProto({ minor: BigInt(minor), currency });
    const { refund } = await payments.refundPayment({ key, paymentId, amount }, call);
    return refund?.providerRefundId ?? "";
  }

  return {
    pay: {
      async run(step, call) {
        const payment: Payment = step.payload;
        const providerRefundId = await payBack(payment, step.attempt, call);
        await store.change(step.aggregateId, byStep(step), (refund) =>
          settleTender(refund, payment.paymentId, providerRefundId, clock.now()),
        );
      },
      async giveUp(step, error) {
        await store.change(step.aggregateId, byStep(step), (refund) =>
          failTender(refund, step.payload.paymentId, error.message, clock.now()),
        );
      },
    },
  };
}
