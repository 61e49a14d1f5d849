// Over which ways an amount goes back: split over what the order was paid with, in the policy's order, never more than is
// left of each; and where a tender and with it the refund may go.
import { check } from "#kit/pure/check.js";
import { allocate, type Money, min, subtract } from "#kit/pure/money.js";
import { allows, type Moves } from "#kit/pure/moves.js";
import type { RefundPolicy } from "./policy.js";
import type {
  Abilities,
  AbilitiesOf,
  GrantedSoFar,
  Payment,
  Refund,
  RefundState,
  Route,
  SoldOrder,
  Tender,
  TenderState,
} from "./types.js";

/** Where a tender may go. REQUESTED → REQUESTED: asked again, under the same key. */
export const tenderMoves = {
  GRANTED: ["REQUESTED", "HELD", "VOIDED"],
  REQUESTED: ["REQUESTED", "PENDING", "SUCCEEDED", "FAILED", "MANUAL_REQUIRED", "HELD", "VOIDED"],
  PENDING: ["SUCCEEDED", "FAILED", "REVERSED"],
  // A call under way when it was held may still be answered, or never be.
  HELD: ["REQUESTED", "VOIDED", "PENDING", "SUCCEEDED", "FAILED", "MANUAL_REQUIRED"],
  // What we took for a refusal may turn out to be under way, or paid.
  FAILED: ["REQUESTED", "PENDING", "SUCCEEDED", "VOIDED"],
  MANUAL_REQUIRED: ["REQUESTED", "PENDING", "SUCCEEDED", "FAILED"],
  SUCCEEDED: ["REVERSED"],
  REVERSED: ["SUCCEEDED", "VOIDED"],
  VOIDED: [],
} as const satisfies Moves<TenderState>;

export type SplitScene = {
  readonly policy: RefundPolicy;
  readonly soFar: GrantedSoFar;
  readonly abilities: AbilitiesOf;
  /** Gives a provider key that was never used before. */
  readonly newKey: () => string;
};

/** @throws DomainError REFUND_EXCEEDS_CAPTURED, CURRENCY_MISMATCH */
export function split(order: SoldOrder, amount: Money, scene: SplitScene): Tender[] {
  const free = inOrder(order.payments, scene.policy).map((payment) => ({
    payment,
    left: leftOf(payment, scene.soFar),
  }));
  const whole = free.reduce((sum, { left }) => sum + left.minor, 0n);
  check(
    amount.minor <= whole,
    "REFUND_EXCEEDS_CAPTURED",
    `${amount.minor - whole} minor units more than is left of what was captured`,
    {
      payment_id: order.payments.map((p) => p.paymentId).join(","),
      requested: amount.minor.toString(),
      left: whole.toString(),
    },
  );
  const lefts = free.map(({ left }) => left);
  const parts = scene.policy.split === "PROPORTIONAL" ? proportional(amount, lefts) : waterfall(amount, lefts);
  return free.flatMap(({ payment, left }, i) => {
    const part = parts[i] as Money;
    if (part.minor <= 0n) return [];
    return [tender(payment, part, part.minor === payment.captured.minor && left.minor === part.minor, scene)];
  });
}

function leftOf({ paymentId, captured }: Payment, soFar: GrantedSoFar): Money {
  const past = soFar.payments.get(paymentId);
  if (!past) return captured;
  const minor = captured.minor - past.refunded - past.chargedBack;
  return { minor: minor > 0n ? minor : 0n, currency: captured.currency };
}

function inOrder(payments: readonly Payment[], { tenderOrder }: RefundPolicy): Payment[] {
  const place = ({ method }: Payment) => {
    const at = tenderOrder.indexOf(method);
    return at < 0 ? tenderOrder.length : at;
  };
  return [...payments].sort((a, b) => place(a) - place(b));
}

/** One payment after the other. */
function waterfall(amount: Money, lefts: readonly Money[]): Money[] {
  let rest = amount;
  return lefts.map((left) => {
    const part = min(rest, left);
    rest = subtract(rest, part);
    return part;
  });
}

/** Each by what is left of it; a currency's steps may leave something over, which goes to the first with room. */
function proportional(amount: Money, lefts: readonly Money[]): Money[] {
  if (amount.minor === 0n) return lefts.map(() => amount);
  const shares = allocate(
    amount,
    lefts.map(({ minor }) => minor),
  ).map((share, i) => min(share, lefts[i] as Money));
  let rest = shares.reduce((left, share) => subtract(left, share), amount);
  return shares.map((share, i) => {
    const more = min(rest, subtract(lefts[i] as Money, share));
    rest = subtract(rest, more);
    return { ...share, minor: share.minor + more.minor };
  });
}

function tender({ paymentId, method, captured }: Payment, amount: Money, full: boolean, scene: SplitScene): Tender {
  const abilities = scene.abilities(method);
  const route = routeOf(method, abilities, full);
  const disputed = scene.soFar.payments.get(paymentId)?.disputeOpen ?? false;
  const needsAccount = route === "BANK_TRANSFER" || (route === "ORIGINAL" && abilities.accountNeeded);
  return {
    paymentId,
    method,
    captured,
    amount,
    route,
    state: "GRANTED",
    // The account first: whether a dispute is open is looked at again before anybody is asked.
    heldFor: needsAccount ? "ACCOUNT" : disputed ? "DISPUTE" : "",
    providerKey: scene.newKey(),
    providerRefundId: "",
    accountToken: "",
    failure: "",
    requestTime: undefined,
    expectedTime: undefined,
    payments: 0,
  };
}

/** Stored value goes back as such; what cannot be paid back over the way it came goes to a bank account. */
function routeOf(method: string, { partial }: Abilities, full: boolean): Route {
  if (method === "POINTS") return "POINTS";
  if (method === "STORE_CREDIT" || method === "GIFT_CARD") return "STORE_CREDIT";
  if (partial === "NONE" || (partial === "FULL_ONLY" && !full)) return "BANK_TRANSFER";
  return "ORIGINAL";
}

/** @throws DomainError REFUND_STATE */
export function tenderTo(refund: Refund, tender: Tender, state: TenderState, change: Partial<Tender> = {}): Tender {
  check(
    allows<TenderState>(tenderMoves, tender.state, state),
    "REFUND_STATE",
    `the share over ${tender.paymentId} is ${tender.state} and cannot become ${state}`,
    { refund_id: refund.refundId, state: tender.state, verb: state },
  );
  return { ...tender, heldFor: "", failure: "", ...change, state };
}

/** The worst of its parts is what a refund is; the order says which is worse. */
const worst: readonly (readonly [TenderState, RefundState])[] = [
  ["REVERSED", "FAILED"],
  ["FAILED", "FAILED"],
  ["MANUAL_REQUIRED", "MANUAL_REQUIRED"],
  ["HELD", "HELD"],
  ["GRANTED", "REQUESTED"],
  ["REQUESTED", "REQUESTED"],
  ["PENDING", "PENDING"],
];

/** Where an issued refund is, by its tenders and twins. */
export function stateOf({ tenders, twins }: Pick<Refund, "tenders" | "twins">): RefundState {
  for (const [part, state] of worst) if (tenders.some((t) => t.state === part)) return state;
  if (twins.some((t) => t.state === "FAILED")) return "FAILED";
  if (twins.some((t) => t.state === "OPEN")) return "PENDING";
  return tenders.some((t) => t.state === "SUCCEEDED") ? "SUCCEEDED" : "VOIDED";
}

/** Whether every tender is paid, or no longer to be. */
export function isPaid({ tenders }: Pick<Refund, "tenders">): boolean {
  return tenders.every(({ state }) => state === "SUCCEEDED" || state === "VOIDED");
}
