// The life of a resolution as one statechart for all kinds: a cancellation may fall through into a return, an exchange
// into a refund. Used only through XState's pure `transition`: it knows no database, clock or network, so any host that
// can store { value, context } and deliver events can run it.
//
// A released machine never changes: stored resolutions go on with the version they began with. A change is a new file
// beside this one, entered in `machines`.
import { assign, setup, transition } from "xstate";
import type { ChartAction, ChartEvent } from "./chart.js";
import {
  type Context,
  contextOf,
  progress,
  refundDue,
  refundRefused,
  reshipDue,
  shortfall,
  untouched,
} from "./context.js";
import { type Begun, contextOf as secondContext } from "./context2.js";
import { goods } from "./goods.js";
import { machine as second } from "./machine2.js";
import { money } from "./money.js";
import { stock } from "./stock.js";
import type { Chart, Kind, Terms, Tracks } from "./types.js";

const machine = setup({
  types: { context: {} as Context, events: {} as ChartEvent, input: {} as Context },
  guards: {
    accepted: ({ event }) => event.type === "DECIDED" && event.verdict === "ACCEPT",
    needsReview: ({ event }) => event.type === "DECIDED" && event.verdict === "REVIEW",
    isCancellation: ({ context }) => context.kind === "CANCELLATION",
    collects: ({ context }) => context.collection,
    collectsNow: ({ event }) => event.type === "RETURN_GRANTED" && event.terms.collection === true,
    withoutInspection: ({ context }) => !context.inspection,
    nothingAccepted: ({ event }) => event.type === "INSPECTED" && event.accepted === "NONE",
    someAccepted: ({ event }) => event.type === "INSPECTED" && event.accepted === "SOME",
    wantsReplacement: ({ context }) => context.replacement,
    refundDue: ({ context }) => refundDue(context),
    refundRefused: ({ context }) => refundRefused(context),
    shortfall: ({ context }) => shortfall(context),
    untouched: ({ context }) => untouched(context),
    refundedEarly: ({ context }) => context.refundedEarly,
    reshipDue: ({ context }) => reshipDue(context),
  },
  actions: {
    stopped: assign({ stopped: true }),
    lost: assign({ lost: true }),
    handedOver: assign({ progress: progress.HANDED_OVER }),
    received: assign({ progress: progress.RECEIVED }),
    acceptAll: assign({ accepted: "ALL", progress: progress.INSPECTED }),
    inspected: assign({
      progress: progress.INSPECTED,
      accepted: ({ event }) => (event.type === "INSPECTED" ? event.accepted : "UNKNOWN"),
    }),
    neverCame: assign({ accepted: "NONE" }),
    guaranteeDue: assign({ guaranteeDue: true }),
    sendOut: assign({ sentOut: true }),
    markEarly: assign({
      refundedEarly: ({ context }) => context.accepted === "UNKNOWN" && context.collection && !context.lost,
    }),
    takeTerms: assign(({ context, event }) =>
      event.type === "RETURN_GRANTED" ? { ...context, ...event.terms } : context,
    ),
    // What the host does: the core turns these into steps, deadlines and attention items.
    call: (_, _params: { step: string }) => {},
    attention: (_, _params: { step: string }) => {},
    startHandover: () => {},
    endHandover: () => {},
    startRefundClock: () => {},
    windDown: () => {},
  },
}).createMachine({
  id: "resolution/1",
  context: ({ input }) => input,
  initial: "REQUESTED",
  states: {
    REQUESTED: {
      on: {
        DECIDED: [
          { guard: "accepted", target: "OPEN" },
          { guard: "needsReview", target: "PENDING_REVIEW" },
          { target: "DECLINED" },
        ],
      },
    },
    PENDING_REVIEW: {
      on: { APPROVE: "OPEN", DECLINE: "DECLINED", WITHDRAW: "WITHDRAWN", CANCEL: "CANCELED" },
    },
    OPEN: {
      type: "parallel",
      states: { goods, money, stock },
      on: {
        CLOSE: "CLOSED",
        RETURN_DECLINED: { target: "DECLINED", actions: "windDown" },
      },
    },
    DECLINED: {},
    WITHDRAWN: { id: "withdrawn" },
    AUTO_WITHDRAWN: { id: "auto-withdrawn", on: { REOPEN: "OPEN" } },
    CANCELED: { id: "canceled" },
    CLOSED: {},
  },
});

/** Every released version. */
const machines = { "resolution/1": machine, "resolution/2": second } as const;

/** The version new resolutions begin with. */
const current = "resolution/2";

type Version = keyof typeof machines;

/** What most requests begin with: an order that was paid for, and goods with the customer. */
const plain: Begun = { captured: true, gift: false, comesBack: false, onUnpaid: "REFUND" };

/** A chart before anything happened. */
export function begin(kind: Kind, terms: Terms, begun: Begun = plain): Chart {
  return { machine: current, value: "REQUESTED", context: secondContext(kind, terms, begun) };
}

/** A chart that begins anew where it stands: nothing of what happened before counts. */
export function afresh(chart: Chart, kind: Kind, terms: Terms): Chart {
  if (chart.machine === "resolution/1") return { ...chart, context: contextOf(kind, terms) };
  const { captured, gift, byHand, onUnpaid } = chart.context as Begun;
  const begun = { captured, gift, comesBack: false, onUnpaid, ...(byHand && { byHand }) };
  return { ...chart, context: secondContext(kind, terms, begun) };
}

/** What an event does: undefined if the chart does not take it where it stands. */
export function take(chart: Chart, event: ChartEvent): { chart: Chart; actions: ChartAction[] } | undefined {
  // Each version reads the context that it wrote itself.
  const machine = machines[chart.machine as Version] as typeof second;
  const snapshot = machine.resolveState({ value: chart.value as never, context: chart.context as never });
  // Unknown events are ignored silently by XState, so it is asked first.
  if (!snapshot.can(event)) return undefined;
  const [next, actions] = transition(machine, snapshot, event);
  return {
    chart: { machine: chart.machine, value: next.value, context: next.context },
    actions: actions
      .filter((action) => !action.type.startsWith("xstate."))
      .map((action) => ({ type: action.type, ...(action.params as { step?: string } | undefined) })),
  };
}

/** The customer-visible word of a chart. */
export function stateOf(chart: Chart): string {
  return typeof chart.value === "string" ? chart.value : (Object.keys(chart.value as object)[0] as string);
}

/** The three tracks while it is open. */
export function tracksOf(chart: Chart): Tracks | undefined {
  return typeof chart.value === "string" ? undefined : (chart.value as { OPEN: Tracks }).OPEN;
}

/** Words at which each track rests: when all three do, the resolution closes. */
export const rest = {
  goods: new Set(["NOT_REQUIRED", "STOPPED", "RECEIVED", "INSPECTED", "LOST", "RETURNED_TO_CUSTOMER"]),
  money: new Set(["NONE", "REFUNDED", "REFUSED", "RECOVERED", "WRITTEN_OFF"]),
  stock: new Set(["NONE", "FULFILLED", "SOLD_OUT", "RELEASED"]),
} as const;

export function atRest({ goods, money, stock }: Tracks): boolean {
  return rest.goods.has(goods) && rest.money.has(money) && rest.stock.has(stock);
}
