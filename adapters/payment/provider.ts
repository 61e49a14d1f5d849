// What the adapter needs of one provider: the part that is written anew for each. What all of them must keep to stands
// in rpc.ts, once.
import type {
  Capabilities,
  ProviderRefundState,
  StatementLine,
} from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { Unavailable } from "#kit/errors.js";
import { DomainError } from "#kit/pure/check.js";
import type { Money } from "#kit/pure/money.js";
import { NoAnswer } from "./http.js";

/** A refund in the provider's book. */
export type Booked = {
  readonly providerRefundId: string;
  /** Ours, as the provider kept it; "" for a refund that somebody made without us. */
  readonly key: string;
  readonly amount: Money;
  readonly createTime: Date;
  readonly state: ProviderRefundState;
  readonly failure: string;
};

/** A payment in the provider's book, with all its refunds. */
export type Payment = {
  readonly paymentId: string;
  /** In our words, e.g. "CARD". */
  readonly method: string;
  readonly captured: Money;
  /** Pending refunds included. */
  readonly refunded: Money;
  readonly refunds: readonly Booked[];
};

/** What to pay back. */
export type RefundOrder = { readonly key: string; readonly amount: Money; readonly accountToken: string };

/** A part of the statement: [from, to), oldest first. The token is one the provider's adapter gave, or "". */
export type StatementWindow = { readonly from: Date; readonly to: Date; readonly size: number; readonly token: string };
export type StatementPage = { readonly lines: StatementLine[]; readonly nextPageToken: string };

/** A bank account to keep. */
export type BankAccount = {
  readonly requestId: string;
  readonly customerId: string;
  readonly bankCode: string;
  readonly accountNumber: string;
  readonly holderName: string;
};

/**
 * One provider. Everything may throw NoAnswer, or Unavailable where the provider said that it is away.
 */
export type Provider<P extends Payment = Payment> = {
  readonly name: string;
  capabilities(method: string): Capabilities;
  /** @throws DomainError PARTNER_NOT_FOUND */
  read(paymentId: string): Promise<P>;
  /**
   * Asks for it once. Key, currency and the amount left are checked before, by rpc.ts.
   * @throws DomainError PARTNER_REFUSED, REFUND_EXCEEDS_CAPTURED, REQUEST_ID_REUSED, PARTNER_NOT_FOUND, MONEY_INVALID
   */
  payBack(order: RefundOrder, payment: P): Promise<Booked>;
  disputes(payment: P): Promise<{ readonly chargedBack: Money; readonly open: boolean }>;
  /** @throws DomainError PAGE_TOKEN_INVALID */
  statement(window: StatementWindow): Promise<StatementPage>;
  /** Only where refunds ask for an account. @throws DomainError ACCOUNT_NOT_VERIFIED */
  register?(account: BankAccount): { readonly accountToken: string; readonly masked: string };
};

/** The provider said no for good. */
export function refused(provider: string, code: string, message: string): DomainError {
  return new DomainError("PARTNER_REFUSED", message, { partner: provider, code });
}

/** The provider does not know it. */
export function notFound(provider: string, id: string): DomainError {
  return new DomainError("PARTNER_NOT_FOUND", `${provider} knows no ${id}`, { partner: provider, id });
}

/** No answer, or none that says what became of the request. */
export function unavailable(provider: string, code: string): Unavailable {
  const message = `${provider} gave no clear answer (${code}); the outcome is unknown: look it up, and repeat with the same key`;
  return new Unavailable("UPSTREAM_UNAVAILABLE", message, { target: provider, code });
}

/** More than is left of a payment. */
export function exceeds({ paymentId, captured, refunded }: Payment, { minor, currency }: Money): DomainError {
  const left = captured.minor - refunded.minor;
  const message = `${left} minor units of ${currency} are left of ${paymentId}, not ${minor}`;
  return new DomainError("REFUND_EXCEEDS_CAPTURED", message, {
    payment_id: paymentId,
    requested: String(minor),
    left: String(left),
  });
}

/** The key was used before, for another amount or payment. */
export function keyReused(key: string): DomainError {
  return new DomainError("REQUEST_ID_REUSED", `key "${key}" was first used for another refund`, { request_id: key });
}

/** A page token that none of ours is. */
export function badToken(): DomainError {
  return new DomainError("PAGE_TOKEN_INVALID", "page_token is not one that this list gave: leave it out to start over");
}

/** The provider with every NoAnswer told as what it is to a caller. */
export function answering<P extends Payment>(provider: Provider<P>): Provider<P> {
  const told = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw error instanceof NoAnswer ? unavailable(provider.name, error.reason) : error;
    }
  };
  return {
    ...provider,
    read: (paymentId) => told(provider.read(paymentId)),
    payBack: (order, payment) => told(provider.payBack(order, payment)),
    disputes: (payment) => told(provider.disputes(payment)),
    statement: (window) => told(provider.statement(window)),
  };
}
