// The payment provider's authorizations: what is set aside on customers' cards, and taken or let go.
import {
  AuthorizationState,
  type AuthorizeResponse,
  PaymentServiceService,
} from "#gen/backhaul/partner/payment/v1/payment_service.js";
import type { Clock } from "#kit/clock.js";
import { newId } from "#kit/ids.js";
import { DomainError } from "#kit/pure/check.js";
import { toProto } from "#kit/pure/money.js";
import { words } from "#kit/words.js";
import type { Partner } from "../played.js";
import type { Store } from "../store/store.js";
import { aboveZero } from "./amounts.js";

const states = words(AuthorizationState, "AUTHORIZATION_STATE_");
type AuthorizationRpcs = "authorize" | "captureAuthorization" | "voidAuthorization";

/** No bank holds an amount for longer. */
const longestMs = 30 * 86_400_000;

const noCard: AuthorizeResponse = {
  authorizationId: "",
  state: AuthorizationState.AUTHORIZATION_STATE_REFUSED,
  expireTime: undefined,
  code: "NO_CARD",
};

export function authorizationRpcs(
  store: Store,
  clock: Clock,
): Pick<Partner<typeof PaymentServiceService>, AuthorizationRpcs> {
  const { authorizations } = store;
  const orderOf = async (id: string) => (await authorizations.find(id, clock.now()))?.orderId ?? id;

  return {
    authorize: {
      about: ({ orderId }) => orderId,
      answer: async (request, call) => {
        const { orderId, customerId, amount } = request;
        const latest = new Date(clock.now().getTime() + longestMs);
        const expireTime = request.expireTime && request.expireTime < latest ? request.expireTime : latest;
        const authorizationId = newId("aut");
        const asked = { authorizationId, orderId, customerId, amount: aboveZero(amount), expireTime };
        const authorized = {
          authorizationId,
          state: AuthorizationState.AUTHORIZATION_STATE_AUTHORIZED,
          expireTime,
          code: "",
        };
        const once = store.asked(PaymentServiceService.authorize, request, call);
        return authorizations.authorize(once, { authorized, refused: noCard }, asked);
      },
    },

    captureAuthorization: {
      about: ({ authorizationId }) => orderOf(authorizationId),
      answer: async ({ authorizationId, amount }) => {
        const { minor, currency } = aboveZero(amount);
        const before = await authorizations.find(authorizationId, clock.now());
        if (!before) throw noAuthorization(authorizationId);
        if (before.currency !== currency) {
          const message = `${authorizationId} is in ${before.currency}, not ${currency}`;
          throw new DomainError("CURRENCY_MISMATCH", message, { currency, expected: before.currency });
        }
        if (before.state === "AUTHORIZED" && before.amountMinor < minor) {
          const message = `more than was set aside under ${authorizationId}`;
          throw new DomainError("PARTNER_REFUSED", message, { partner: "payment", code: "AMOUNT_TOO_LARGE" });
        }
        const ended = (await authorizations.capture(authorizationId, minor, clock.now())) ?? before;
        const { state, paymentId, capturedMinor } = ended;
        return { state: states.value(state), paymentId, captured: toProto({ minor: capturedMinor, currency }) };
      },
    },

    voidAuthorization: {
      about: ({ authorizationId }) => orderOf(authorizationId),
      answer: async ({ authorizationId }) => {
        const ended = await authorizations.letGo(authorizationId, clock.now());
        if (!ended) throw noAuthorization(authorizationId);
        return { state: states.value(ended.state) };
      },
    },
  };
}

function noAuthorization(id: string): DomainError {
  return new DomainError("PARTNER_NOT_FOUND", `no authorization ${id}`, { partner: "payment", id });
}
