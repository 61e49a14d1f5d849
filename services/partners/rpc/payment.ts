// The payment provider.
import {
  type Capabilities,
  KeyMismatch,
  PartialRefunds,
  PaymentServiceService,
  type ProviderRefund,
  ProviderRefundState,
  RefundLookup,
} from "#gen/backhaul/partner/payment/v1/payment_service.js";
import type { Clock } from "#kit/clock.js";
import { DomainError } from "#kit/pure/check.js";
import { toProto } from "#kit/pure/money.js";
import { words } from "#kit/words.js";
import { type Behaviour, behaviourOf } from "../core/capabilities.js";
import type { Twist } from "../core/scenario.js";
import type { Partner } from "../played.js";
import type { Beginning } from "../store/paying.js";
import type { BookedRefund } from "../store/payments.js";
import type { Store } from "../store/store.js";
import { aboveZero } from "./amounts.js";
import { authorizationRpcs } from "./authorizations.js";
import { demandRpcs } from "./demands.js";

export const refundStates = words(ProviderRefundState, "PROVIDER_REFUND_STATE_");
const partials = words(PartialRefunds, "PARTIAL_REFUNDS_");

/** Banks that do not exist, and somebody whom no bank knows: everybody else is verified. */
const noBank = "000";
const nobody = "NOBODY";

export function paymentPartner(store: Store, clock: Clock): Partner<typeof PaymentServiceService> {
  const { payments, paying, accounts, statement } = store;
  const orderOf = async (paymentId: string) => (await payments.orderOf(paymentId)) ?? paymentId;

  return {
    refundPayment: {
      about: ({ paymentId }) => orderOf(paymentId),
      answer: async ({ key, paymentId, amount, accountToken }, _call, twist) => {
        const money = aboveZero(amount);
        const refund = await paying.payBack(key, paymentId, money, accountToken, clock.now(), beginning(twist));
        return { refund: toProviderRefund(refund) };
      },
    },

    findRefund: {
      about: async ({ key }) => {
        const refund = await payments.refundOf(key);
        return refund?.paymentId ? orderOf(refund.paymentId) : key;
      },
      answer: async ({ key, paymentId }) => {
        const refund = await payments.refundOf(key);
        const asked = refund && (paymentId === "" || paymentId === refund.paymentId) ? refund : undefined;
        return { found: asked !== undefined, refund: asked && toProviderRefund(asked) };
      },
    },

    payOut: {
      about: ({ key }) => key,
      answer: async ({ key, accountToken, amount }, _call, twist) => {
        const money = aboveZero(amount);
        const payout = await paying.payOut(key, accountToken, money, clock.now(), beginning(twist));
        return { refund: toProviderRefund(payout) };
      },
    },

    getPayment: {
      about: ({ paymentId }) => orderOf(paymentId),
      answer: async ({ paymentId }) => {
        const { captured, refunded, chargedBack, ...payment } = await payments.find(paymentId);
        const amounts = { captured: toProto(captured), refunded: toProto(refunded), chargedBack: toProto(chargedBack) };
        return { payment: { ...payment, ...amounts } };
      },
    },

    getCapabilities: {
      about: ({ method }) => method,
      answer: async ({ method }) => {
        const behaviour = behaviourOf(method);
        if (behaviour) return { capabilities: toCapabilities(behaviour) };
        const message = `the payment provider has no ${method}: ask the points system`;
        throw new DomainError("PARTNER_NOT_FOUND", message, { partner: "payment", id: method });
      },
    },

    registerAccount: {
      about: ({ customerId }) => customerId,
      answer: async (request, call) => {
        const { bankCode, holderName } = request;
        if (bankCode === noBank || holderName === nobody) {
          const message = `bank ${bankCode} does not know this account under this name`;
          throw new DomainError("ACCOUNT_NOT_VERIFIED", message, { bank_code: bankCode });
        }
        const account = accounts.known(request);
        const { accountToken, masked } = account;
        // The record of requests keeps a hash of this one: better of the token than of a number that can be guessed.
        const hidden = { ...request, accountNumber: accountToken };
        const asked = store.asked(PaymentServiceService.registerAccount, hidden, call);
        return accounts.register(asked, { accountToken, masked }, account, clock.now());
      },
    },

    ...demandRpcs(store, clock),
    ...authorizationRpcs(store, clock),

    listStatementLines: {
      about: ({ pageToken }) => pageToken,
      answer: async ({ fromTime, toTime, ...page }) => {
        const { lines, nextPageToken } = await statement.list(fromTime, toTime, page);
        return { lines: lines.map(({ amount, ...line }) => ({ ...line, amount: toProto(amount) })), nextPageToken };
      },
    },
  };
}

/** How a refund begins, as a scenario wants it. */
function beginning(twist: Twist | undefined): Beginning {
  return { pending: twist === "REFUND_PENDING", onStatement: twist !== "STATEMENT_MISSING" };
}

export function toProviderRefund(refund: BookedRefund): ProviderRefund {
  const { providerRefundId, key, paymentId, amount, createTime, state, failure } = refund;
  return {
    providerRefundId,
    key,
    paymentId,
    amount: toProto(amount),
    createTime,
    state: refundStates.value(state),
    failure,
  };
}

function toCapabilities({ keyLifetimeSeconds, partial, accountNeeded, customerDays }: Behaviour): Capabilities {
  return {
    provider: "sandbox",
    keyHeader: "Idempotency-Key",
    keyLifetimeSeconds: BigInt(keyLifetimeSeconds),
    keyMismatch: KeyMismatch.KEY_MISMATCH_REFUSED,
    errorsKept: false,
    lookup: RefundLookup.REFUND_LOOKUP_BY_KEY,
    asynchronous: true,
    partial: partials.value(partial),
    accountNeeded,
    customerDays,
  };
}
