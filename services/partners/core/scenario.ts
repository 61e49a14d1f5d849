// What goes wrong, where, and in which cases: pure, so the same order meets the same fate in every run.

/** The moments at which something can go wrong: a call, a driver's visit, the end of a journey, the dock. */
export type Moment = "call" | "visit" | "arrival" | "receipt";

/** Where each twist fits. `methods` are the only rpcs it fits; a parcel's fate belongs to the call that began it. */
export const twists = {
  LATENCY: { moment: "call", methods: undefined },
  ERROR: { moment: "call", methods: undefined },
  TIMEOUT_AFTER_SUCCESS: { moment: "call", methods: undefined },
  REFUSED: { moment: "call", methods: undefined },
  SOLD_OUT: { moment: "call", methods: ["HoldStock", "RenewStock"] },
  ALREADY_SHIPPED: { moment: "call", methods: ["StopRelease"] },
  STOP_PENDING: { moment: "call", methods: ["StopRelease", "FindStop"] },
  INTERCEPT_REFUSED: { moment: "call", methods: ["RequestIntercept"] },
  REFUND_PENDING: { moment: "call", methods: ["RefundPayment", "PayOut"] },
  STATEMENT_MISSING: { moment: "call", methods: ["RefundPayment", "PayOut"] },
  PICKUP_FAILED: { moment: "visit", methods: ["BookPickup"] },
  NOBODY_HOME: { moment: "visit", methods: ["BookPickup"] },
  NO_HAND_OVER: { moment: "visit", methods: ["BookPickup"] },
  PARCEL_LOST: { moment: "arrival", methods: ["BookPickup"] },
  WRONG_ITEM: { moment: "receipt", methods: ["AnnounceParcel"] },
  DAMAGED: { moment: "receipt", methods: ["AnnounceParcel"] },
} as const satisfies Record<string, { moment: Moment; methods: readonly string[] | undefined }>;

export type Twist = keyof typeof twists;

/** Something that goes wrong, as it was set. */
export type Scenario = {
  readonly scenarioId: string;
  readonly twist: Twist;
  /** Only for this order; "" for any. */
  readonly orderId: string;
  /** Only at this rpc; "" for any that the twist fits. */
  readonly method: string;
  /** 0 for ever. */
  readonly times: number;
  /** In how many of a million cases; 0 always. */
  readonly ratePpm: number;
  readonly seed: bigint;
  readonly latencyMs: number;
  /** 0 for all. */
  readonly units: number;
};

/** Whether a scenario could play at a moment of this rpc, for some order. */
export function fits({ twist, method }: Scenario, moment: Moment, at: string): boolean {
  const place: { moment: Moment; methods: readonly string[] | undefined } = twists[twist];
  if (place.moment !== moment || (place.methods && !place.methods.includes(at))) return false;
  return method === "" || method === at;
}

/**
 * Whether a scenario that fits concerns this case. `subject` is the order, or the best other name that a call without
 * one has, so that a rate falls on cases and not on methods.
 */
export function concerns({ orderId, ratePpm, seed }: Scenario, subject: string, at: string): boolean {
  if (orderId !== "" && orderId !== subject) return false;
  return ratePpm === 0 || hash(`${seed}|${subject}|${at}`) % 1_000_000 < ratePpm;
}

/** FNV-1a with a final mix: neighbours such as o-1 and o-2 must not share their fate. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
