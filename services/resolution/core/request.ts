// How a resolution begins: a request as it was judged.
import { advance, type Happening, type Scene } from "./advance.js";
import { contextOf } from "./context.js";
import { begin, type ChartEvent } from "./machine.js";
import type { Channel, Kind, Line, Outcome, Resolution, Terms, Verdict } from "./types.js";

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
};

/** Stores a request with its decision: OPEN, PENDING_REVIEW, or DECLINED, which holds nothing. */
export function request(asked: Requested, scene: Scene): Outcome {
  const { verdict, verdictText, ...rest } = asked;
  const blank: Resolution = {
    ...rest,
    state: "REQUESTED",
    tracks: undefined,
    hold: undefined,
    chart: begin(contextOf(asked.kind, asked.terms)),
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
