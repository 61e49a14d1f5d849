// Stripe: refunds of PaymentIntents and Charges.
import type Stripe from "stripe";
import { sum } from "#kit/pure/money.js";
import { stripeCapabilities } from "../capabilities.js";
import type { StripeConfig } from "../config.js";
import { type Fields, object, objectIfAny, text, textIfAny, whole } from "../fields.js";
import { exceeds, notFound, type Payment, type Provider } from "../provider.js";
import { fromStripe, toStripe } from "./amounts.js";
import { all, openClient } from "./client.js";
import { ask, explain, isTooLarge } from "./errors.js";
import { counts, disputeOf, keyField, paymentField, toBooked } from "./shapes.js";
import { stripeStatement } from "./statement.js";

/** How Stripe is asked about a payment: payments of newer integrations are intents, of older ones charges. */
type Handle = { readonly payment_intent: string } | { readonly charge: string };

type StripePayment = Payment & { readonly handle: Handle };

export function openStripe(config: StripeConfig): Provider<StripePayment> {
  const stripe = openClient(config, config.requestTimeoutMs);

  async function read(paymentId: string): Promise<StripePayment> {
    const handle = handleOf(paymentId);
    try {
      const [found, refunds] = await Promise.all([
        ask(() => retrieve(stripe, handle)),
        all((page) => stripe.refunds.list({ ...handle, ...page })),
      ]);
      const payment = object(found, "payment");
      const captured = fromStripe(
        whole(payment, "payment_intent" in handle ? "amount_received" : "amount_captured"),
        text(payment, "currency"),
      );
      const booked = refunds.map(toBooked);
      const gone = booked.filter(counts).map(({ amount }) => amount);
      const refunded = sum(gone, captured.currency);
      return { paymentId, handle, method: methodOf(payment), captured, refunded, refunds: booked };
    } catch (error) {
      throw explain(error, paymentId);
    }
  }

  return {
    name: "stripe",
    capabilities: stripeCapabilities,
    read,

    payBack: async ({ key, amount }, payment) => {
      const metadata = { [keyField]: key, [paymentField]: payment.paymentId };
      const params = { ...payment.handle, amount: toStripe(amount), metadata };
      try {
        return toBooked(await ask(() => stripe.refunds.create(params, { idempotencyKey: key })));
      } catch (error) {
        // Somebody else has refunded since we read it.
        if (isTooLarge(error)) throw exceeds(await read(payment.paymentId), amount);
        throw explain(error, payment.paymentId, key);
      }
    },

    disputes: async ({ handle, captured, paymentId }) => {
      const listed = all((page) => stripe.disputes.list({ ...handle, ...page }));
      const disputes = (await listed.catch((error) => Promise.reject(explain(error, paymentId)))).map(disputeOf);
      const lost = disputes.filter((dispute) => dispute.lost).map(({ amount }) => amount);
      return { chargedBack: sum(lost, captured.currency), open: disputes.some(({ open }) => open) };
    },

    statement: stripeStatement(openClient(config, config.statementTimeoutMs)),
  };
}

/** py_ are charges of payment methods other than cards. @throws DomainError PARTNER_NOT_FOUND */
function handleOf(paymentId: string): Handle {
  if (/^pi_\w+$/.test(paymentId)) return { payment_intent: paymentId };
  if (/^(ch|py)_\w+$/.test(paymentId)) return { charge: paymentId };
  throw notFound("stripe", paymentId);
}

function retrieve(stripe: Stripe, handle: Handle): Promise<unknown> {
  if ("charge" in handle) return stripe.charges.retrieve(handle.charge);
  // The charge says how it was paid.
  return stripe.paymentIntents.retrieve(handle.payment_intent, { expand: ["latest_charge"] });
}

/** "CARD", "KLARNA", …: Stripe's own word. */
function methodOf(payment: Fields): string {
  const charge = "latest_charge" in payment ? objectIfAny(payment, "latest_charge") : payment;
  return textIfAny(objectIfAny(charge, "payment_method_details"), "type").toUpperCase();
}
