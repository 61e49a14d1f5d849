// Whoever moves money: the payment provider with its own book, its own memory of keys and its own moods, and the points
// system. What is in these books is what customers got; whether they may be asked is not their affair.
import {
  Capabilities,
  PartialRefunds,
  type PaymentServiceService,
  ProviderPayment,
  ProviderRefund,
  ProviderRefundState,
  RefundLookup,
} from "#gen/backhaul/partner/payment/v1/payment_service.js";
import { Movement, type PointsServiceService } from "#gen/backhaul/partner/points/v1/points_service.js";
import { RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import type { Money as MoneyMessage } from "#gen/google/type/money.js";
import { DomainError } from "#kit/pure/check.js";
import { fromProto, type Money, toProto } from "#kit/pure/money.js";
import type { Handlers } from "#kit/server.js";
import type { World } from "../world/types.js";
import { openKeyed } from "./keyed.js";

const { PROVIDER_REFUND_STATE_PENDING: pending, PROVIDER_REFUND_STATE_SUCCEEDED: paid } = ProviderRefundState;
const { PROVIDER_REFUND_STATE_FAILED: failed, PROVIDER_REFUND_STATE_REVERSED: reversed } = ProviderRefundState;

/** One time that money went, or was to go, to a customer. */
export type Payout = {
  readonly key: string;
  readonly paymentId: string;
  readonly amount: Money;
  state: ProviderRefundState;
  timeMs: number;
};

type Held = {
  readonly captured: Money;
  readonly method: string;
  refunded: bigint;
  chargedBack: bigint;
  disputeOpen: boolean;
};

const day = 86_400_000;
const hour = 3_600_000;
const lifetimeMs = (method: string) => (method === "CARD" || method === "PAYOUT" ? day : 0);

export type MoneyBooks = ReturnType<typeof openMoney>;

export function openMoney(world: World) {
  const { schedule } = world;
  const payouts: Payout[] = [];
  const payments = new Map<string, Held>();
  const movements = new Map<string, Movement>();
  const accounts = new Map<string, string>();
  const keyed = openKeyed();

  /** What the provider remembers of a key: past its life, nothing. */
  function known(key: string, method: string): Payout | undefined {
    const life = lifetimeMs(method);
    return payouts.findLast((p) => p.key === key && (life === 0 || schedule.now() - p.timeMs < life));
  }

  function pay(key: string, paymentId: string, amount: MoneyMessage | undefined) {
    const held = payments.get(paymentId);
    const before = known(key, held?.method ?? "PAYOUT");
    if (before) return { refund: told(before) };
    const { minor, currency } = fromProto(amount as MoneyMessage);
    if (held && held.refunded + held.chargedBack + minor > held.captured.minor) {
      throw new DomainError("REFUND_EXCEEDS_CAPTURED", "more than is left", {
        payment_id: paymentId,
        requested: "",
        left: "",
      });
    }
    const chance = schedule.chance(`payout/${key}`);
    const calm = schedule.now() >= world.calmMs;
    if (!calm && chance.percent(4)) {
      throw new DomainError("PARTNER_REFUSED", "no", { partner: "payment", code: "card_closed" });
    }
    const payout: Payout = { key, paymentId, amount: { minor, currency }, state: paid, timeMs: schedule.now() };
    payouts.push(payout);
    if (held) held.refunded += minor;
    const later = (ms: number, state: ProviderRefundState) => schedule.after(ms, () => move(payout, state));
    if (!calm && chance.percent(25)) {
      payout.state = pending;
      later(chance.between(60_000, 3 * day), chance.percent(75) ? paid : failed);
    } else if (!calm && chance.percent(6)) later(chance.between(hour, 4 * day), reversed);
    return { refund: told(payout) };
  }

  function move(payout: Payout, state: ProviderRefundState): void {
    payout.state = state;
    const held = payments.get(payout.paymentId);
    if (held && (state === failed || state === reversed)) held.refunded -= payout.amount.minor;
    hint(payout.paymentId, payout.key);
  }

  /** News of a payment, as a webhook: it may come twice, or get lost; then the next day's reconciliation finds it. */
  function hint(paymentId: string, key: string, late = false): unknown {
    const chance = schedule.chance("webhooks");
    if (!late && chance.percent(20)) return schedule.after(day, () => hint(paymentId, key, true));
    const requestId = `hint-${schedule.steps()}-${key || paymentId}`;
    const refunds = world.network.as({ subject: "psp", role: "SERVICE", via: "" })(RefundServiceService);
    const send = (left: number): void =>
      void refunds
        .noteProviderNews({ requestId, paymentId, key })
        .catch(() => left > 0 && schedule.after(60_000, () => send(left - 1)));
    send(5);
    if (chance.percent(30)) schedule.after(chance.between(1, hour), () => send(0));
  }

  const told = ({ key, paymentId, amount, state, timeMs }: Payout): ProviderRefund =>
    ProviderRefund.fromPartial({
      providerRefundId: `pr-${key}`,
      key,
      paymentId,
      amount: toProto(amount),
      state,
      createTime: new Date(timeMs),
      failure: state === failed || state === reversed ? "returned" : "",
    });

  const contract = {
    refundPayment: async ({ key, paymentId, amount }) => pay(key, paymentId, amount),
    payOut: async ({ key, amount }) => pay(key, "", amount),
    // Its book it keeps for ever, and so it finds in it what it would no longer know a key of.
    async findRefund({ key }) {
      const found = payouts.findLast((payout) => payout.key === key);
      return { found: found !== undefined, refund: found && told(found) };
    },
    async getPayment({ paymentId }) {
      const held = payments.get(paymentId);
      if (!held) throw new DomainError("PARTNER_NOT_FOUND", "no such payment", { partner: "payment", id: paymentId });
      const amount = (minor: bigint) => toProto({ ...held.captured, minor });
      const { method, disputeOpen, captured } = held;
      const [refunded, chargedBack] = [amount(held.refunded), amount(held.chargedBack)];
      return {
        payment: ProviderPayment.fromPartial({
          paymentId,
          method,
          disputeOpen,
          captured: toProto(captured),
          refunded,
          chargedBack,
        }),
      };
    },
    async getCapabilities({ method }) {
      return {
        capabilities: Capabilities.fromPartial({
          partial:
            method === "ATM"
              ? PartialRefunds.PARTIAL_REFUNDS_NONE
              : method === "CARD_INSTALLMENT"
                ? PartialRefunds.PARTIAL_REFUNDS_FULL_ONLY
                : PartialRefunds.PARTIAL_REFUNDS_ANY,
          accountNeeded: method === "VIRTUAL_ACCOUNT",
          keyLifetimeSeconds: BigInt(lifetimeMs(method) / 1000),
          lookup: method === "CARD_INSTALLMENT" ? RefundLookup.REFUND_LOOKUP_NONE : RefundLookup.REFUND_LOOKUP_BY_KEY,
          customerDays: 3,
        }),
      };
    },
    async registerAccount({ requestId }) {
      const accountToken = accounts.get(requestId) ?? `acct-${accounts.size + 1}`;
      accounts.set(requestId, accountToken);
      return { accountToken, masked: "088 ****" };
    },
  } satisfies Partial<Handlers<typeof PaymentServiceService>>;

  const moved = (kind: string, ask: { key: string; customerId: string } & Partial<Movement>) => ({
    movement: keyed(ask.key, { kind, ...ask }, () => {
      const movement = Movement.fromPartial({ ...ask, kind, movementId: `mov-${movements.size + 1}` });
      movements.set(ask.key, movement);
      return movement;
    }),
  });
  const points = {
    restorePoints: async ({ paymentId, ...ask }) => moved("RESTORE", { ...ask, reference: paymentId }),
    revokePoints: async ({ orderId, ...ask }) => moved("REVOKE", { ...ask, reference: orderId }),
    grantCredit: async (ask) => moved("GRANT", ask),
    findMovement: async ({ key }) => ({ found: movements.has(key), movement: movements.get(key) }),
  } satisfies Handlers<typeof PointsServiceService>;

  return {
    contract: contract as unknown as Handlers<typeof PaymentServiceService>,
    points,
    payouts,
    movements,
    payments,
    /** A bank's dispute about a payment: it opens, and is won or lost days later. */
    dispute: (paymentId: string, lostMinor: bigint, days: number) => {
      const held = payments.get(paymentId);
      if (!held) return;
      held.disputeOpen = true;
      hint(paymentId, "");
      schedule.after(days * day, () => {
        held.disputeOpen = false;
        const left = held.captured.minor - held.refunded;
        held.chargedBack = lostMinor < left ? lostMinor : left;
        hint(paymentId, "");
      });
    },
  };
}
