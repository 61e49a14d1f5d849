// What goes into the statechart, and what it asks its host to do: the same words for every version.
import type { Context } from "./context.js";
import type { HeldBack, Owing, Context as Second } from "./context2.js";
import type { Verdict } from "./types.js";

/** What is known of how the goods changed hands; nothing said is nothing asked. */
export type AtTheDoor = {
  /** The policy asks who hands over, and nobody has said. */
  readonly unverified?: boolean;
  /** The replacement was handed out at the same door. */
  readonly swapped?: boolean;
};

/** Everything that can happen to a resolution: verbs, facts, answers to calls, deadlines. */
export type ChartEvent =
  | { readonly type: "DECIDED"; readonly verdict: Verdict }
  | { readonly type: "APPROVE" | "DECLINE" | "WITHDRAW" | "CANCEL" | "REOPEN" | "CLOSE" }
  | { readonly type: "HOLD"; readonly held: HeldBack }
  | { readonly type: "RELEASE" }
  // What had ended goes on: to where it was granted, or to its review.
  | { readonly type: "TAKE_UP"; readonly granted: boolean }
  | { readonly type: "CONVERTED"; readonly terms: Partial<Second> }
  | { readonly type: "HANDOVER_DUE" | "GUARANTEE_DUE" }
  | { readonly type: "STOPPED" | "ALREADY_SHIPPED" | "RETURN_DECLINED" }
  | { readonly type: "INTERCEPTED" | "INTERCEPT_REFUSED" | "COMES_BACK" }
  | { readonly type: "RETURN_GRANTED"; readonly terms: Partial<Context> }
  | { readonly type: "HELD"; readonly owing?: Owing }
  | { readonly type: "PAID"; readonly owing?: Owing }
  // Paid under a demand that no longer stands.
  | { readonly type: "PAID_BEFORE"; readonly owing: Owing }
  | { readonly type: "SOLD_OUT" | "RESHIPPED" | "UNPAID" }
  | { readonly type: "GUARANTEED" | "GUARANTEE_REFUSED" }
  | { readonly type: "BOOKED" | "CONFIRMED" | "UNVERIFIED" | "RECEIVED" | "LOST" }
  | ({ readonly type: "PICKED_UP" } & AtTheDoor)
  | { readonly type: "INSPECTED"; readonly accepted: "ALL" | "SOME" | "NONE" }
  | { readonly type: "REFUNDED" | "REFUND_FAILED" | "REFUND_REVERSED" | "RECOVERED" | "WRITTEN_OFF" };

/** What the chart asks its host to do. */
export type ChartAction = { readonly type: string; readonly step?: string };
