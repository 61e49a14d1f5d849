// The payment contract over one provider. What the contract promises, and not every provider keeps, is kept here: a key
// is looked up in the provider's book before anything is asked for, so it holds for ever and not only as long as the
// provider remembers it; and a refund that must be refused is refused before it reaches the provider, where a refusal
// may stay with the key.
import type {
  PaymentServiceService,
  ProviderPayment,
  ProviderRefund,
} from "#gen/backhaul/partner/payment/v1/payment_service.js";
import type { Money as MoneyMessage } from "#gen/google/type/money.js";
import type { Clock } from "#kit/clock.js";
import { InvalidRequest } from "#kit/errors.js";
import { check } from "#kit/pure/check.js";
import { compare, fromProto, type Money, subtract, toProto } from "#kit/pure/money.js";
import type { Handlers } from "#kit/server.js";
import { answering, type Booked, exceeds, keyReused, type Payment, type Provider, refused } from "./provider.js";

const defaultPageSize = 500;
const dayMs = 24 * 60 * 60_000;
/** A statement without an end goes on past now: the provider's clock is another than ours. */
const aheadMs = 60 * 60_000;

export function paymentRpc<P extends Payment>(
  asWritten: Provider<P>,
  clock: Clock,
  statementDays: number,
): Handlers<typeof PaymentServiceService> {
  const provider = answering(asWritten);
  return {
    refundPayment: async ({ key, paymentId, amount: asked, accountToken }) => {
      const amount = above(asked);
      const payment = await provider.read(paymentId);
      const known = ofKey(payment, key);
      if (known) return { refund: answer(paymentId, sameAmount(known, amount, key)) };
      checkCurrency(payment, amount);
      if (compare(amount, subtract(payment.captured, payment.refunded)) > 0) throw exceeds(payment, amount);
      const booked = await provider.payBack({ key, amount, accountToken }, payment);
      return { refund: answer(paymentId, sameAmount(booked, amount, key)) };
    },

    findRefund: async ({ key, paymentId }) => {
      // "None" would be a lie where nobody could look, and would have the caller pay again.
      if (paymentId === "") throw missing("payment_id", `${provider.name} finds refunds only by their payment`);
      const booked = ofKey(await provider.read(paymentId), key);
      return { found: booked !== undefined, refund: booked && answer(paymentId, booked) };
    },

    payOut: async () => {
      throw refused(
        provider.name,
        "PAYOUT_UNSUPPORTED",
        `${provider.name} pays back payments only; pay out by other means`,
      );
    },

    // A demand is the checkout's, which is no part of a provider's refunds.
    requestPayment: async () => {
      throw demandsUnsupported(provider.name);
    },
    getDemand: async () => {
      throw demandsUnsupported(provider.name);
    },
    cancelDemand: async () => {
      throw demandsUnsupported(provider.name);
    },

    // So is a customer's card on file.
    authorize: async () => {
      throw authorizationsUnsupported(provider.name);
    },
    captureAuthorization: async () => {
      throw authorizationsUnsupported(provider.name);
    },
    voidAuthorization: async () => {
      throw authorizationsUnsupported(provider.name);
    },

    getPayment: async ({ paymentId }) => {
      const payment = await provider.read(paymentId);
      const { chargedBack, open } = await provider.disputes(payment);
      return { payment: toPayment(payment, chargedBack, open) };
    },

    getCapabilities: async ({ method }) => ({ capabilities: provider.capabilities(method) }),

    registerAccount: async (account) => {
      if (provider.register) return provider.register(account);
      throw refused(provider.name, "ACCOUNTS_UNSUPPORTED", `${provider.name} refunds to no bank account of our choice`);
    },

    listStatementLines: ({ fromTime, toTime, pageSize, pageToken }) => {
      const now = clock.now().getTime();
      const from = fromTime ?? new Date(now - statementDays * dayMs);
      const to = toTime ?? new Date(now + aheadMs);
      return provider.statement({ from, to, size: pageSize || defaultPageSize, token: pageToken });
    },
  };
}

/** @throws InvalidRequest, DomainError MONEY_INVALID or CURRENCY_UNKNOWN */
function above(amount: MoneyMessage | undefined): Money {
  const money = amount && fromProto(amount);
  if (!money || money.minor <= 0n) throw missing("amount", "must be above zero");
  return money;
}

function missing(field: string, description: string): InvalidRequest {
  return new InvalidRequest([{ field, description }]);
}

function ofKey({ refunds }: Payment, key: string): Booked | undefined {
  return refunds.find((refund) => refund.key === key);
}

/** The refund of a key, unless it was first asked for with another amount. */
function sameAmount(booked: Booked, { minor, currency }: Money, key: string): Booked {
  if (booked.amount.minor === minor && booked.amount.currency === currency) return booked;
  throw keyReused(key);
}

/** Checked here, for neither Stripe nor Toss is told a currency: 100 of one would be paid as 100 of another. */
function checkCurrency({ paymentId, captured: { currency: expected } }: Payment, { currency }: Money): void {
  const metadata = { currency, expected };
  check(
    currency === expected,
    "CURRENCY_MISMATCH",
    `payment ${paymentId} is in ${expected}, not ${currency}`,
    metadata,
  );
}

function answer(paymentId: string, { amount, ...booked }: Booked): ProviderRefund {
  return { ...booked, paymentId, amount: toProto(amount) };
}

function toPayment(payment: Payment, chargedBack: Money, disputeOpen: boolean): ProviderPayment {
  const { paymentId, method, captured, refunded } = payment;
  return {
    paymentId,
    method,
    captured: toProto(captured),
    refunded: toProto(refunded),
    chargedBack: toProto(chargedBack),
    disputeOpen,
  };
}

function demandsUnsupported(provider: string) {
  return refused(
    provider,
    "DEMANDS_UNSUPPORTED",
    `${provider} is asked for refunds only; demand payment at the checkout`,
  );
}

function authorizationsUnsupported(provider: string) {
  return refused(
    provider,
    "AUTHORIZATIONS_UNSUPPORTED",
    `${provider} is asked for refunds only; send a replacement after its goods came`,
  );
}
