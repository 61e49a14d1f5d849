// How the payment provider behaves, by method of payment: what GetCapabilities tells is what RefundPayment does. Pure.

/** Whether less than all of a payment may be paid back; NONE takes a payout. */
export type PartialRefunds = "ANY" | "FULL_ONLY" | "NONE";

/** What differs between methods. */
export type Behaviour = {
  /** How long a key is remembered, in business time; 0 for ever. Past it, the same key pays a second time. */
  readonly keyLifetimeSeconds: number;
  readonly partial: PartialRefunds;
  /** Whether a refund asks for the bank account it goes to. */
  readonly accountNeeded: boolean;
  /** Days until the customer has the money. */
  readonly customerDays: number;
};

const daySeconds = 86_400;

/** Cards, payouts, and every method that is named nowhere here. */
export const likeCard: Behaviour = {
  keyLifetimeSeconds: daySeconds,
  partial: "ANY",
  accountNeeded: false,
  customerDays: 5,
};

const exceptions: Readonly<Record<string, Partial<Behaviour>>> = {
  CARD_INSTALLMENT: { partial: "FULL_ONLY" },
  BANK_TRANSFER: { keyLifetimeSeconds: 0, customerDays: 3 },
  VIRTUAL_ACCOUNT: { accountNeeded: true, customerDays: 3 },
  CVS: { partial: "NONE" },
  ATM: { partial: "NONE" },
};

/** What the points system keeps, and the payment provider knows nothing of. */
export const storedValue: readonly string[] = ["POINTS", "STORE_CREDIT", "GIFT_CARD"];

/** How payments of a method behave; undefined where the payment provider has none such. */
export function behaviourOf(method: string): Behaviour | undefined {
  return storedValue.includes(method) ? undefined : { ...likeCard, ...exceptions[method] };
}

/** The methods that differ from cards in something, with how. */
export const exceptional: readonly (readonly [method: string, Behaviour])[] = Object.entries(exceptions).map(
  ([method, change]) => [method, { ...likeCard, ...change }],
);
