// How a resolution begins: a request as it was judged.
import { advance, type Happening, type Scene } from "./advance.js";
import type { ChartEvent } from "./chart.js";
import type { Begun } from "./context2.js";
import { begin } from "./machine.js";
import type { Channel, Kind, Line, Origin, Outcome, Resolution, Terms, Verdict } from "./types.js";

/** A request as it was judged. */
export type Requested = {
  readonly resolutionId: string;
  readonly orderId: string;
  readonly customerId: string;
  readonly market: string;
  readonly kind: Kind;
  readonly channel: Channel;
  readonly verdict: Verdict;
  readonly verdictText: string;
  readonly lines: readonly Line[];
  readonly terms: Terms;
  readonly decision: Uint8Array;
  /** The decision of staff it rests on; empty if the policy decided. */
  readonly staffDecisionId: string;
  /** Where it comes from; the buyer asks for one order if not said. */
  readonly origin?: Partial<Origin>;
  /** What is known when it begins; an order that was paid for, and goods with the customer, if not said. */
  readonly begun?: Begun;
};

const plainOrigin: Origin = {
  cancelCode: undefined,
  unaskedReason: undefined,
  shipmentId: "",
  returnEventId: "",
  originResolutionId: "",
  gift: false,
};

/** Stores a request with its decision: OPEN, PENDING_REVIEW, or DECLINED, which holds nothing. */
export function request(asked: Requested, scene: Scene): Outcome {
  const { verdict, verdictText, origin, begun, ...rest } = asked;
  const blank: Resolution = {
    ...rest,
    state: "REQUESTED",
    tracks: undefined,
    hold: undefined,
    chart: begin(asked.kind, asked.terms, begun),
    origin: { ...plainOrigin, ...origin },
    exchange: undefined,
    collectionId: "",
    inspectionId: "",
    refundId: "",
    stockHoldId: "",
    refunded: undefined,
    deadlines: [],
    entries: 0,
    createTime: scene.now,
    updateTime: scene.now,
    closeTime: undefined,
    version: 0,
  };
  const outcome = mustTake(blank, { type: "DECIDED", verdict }, scene, { name: "Requested", text: verdictText });
  const { resolutionId, orderId, market, kind } = asked;
  return {
    ...outcome,
    facts: [
      {
        name: "ResolutionRequested",
        body: {
          resolutionId,
          orderId,
          market,
          kind,
          state: outcome.next.state,
          createTime: scene.now,
        },
      },
      ...outcome.facts,
    ],
  };
}

function mustTake(r: Resolution, event: ChartEvent, scene: Scene, happening: Happening): Outcome {
  const outcome = advance(r, event, scene, happening);
  if (!outcome)
    throw new RangeError(`${r.chart.machine} does not take ${event.type} at ${JSON.stringify(r.chart.value)}`);
  return outcome;
}
