// The verbs, facts and answers a resolution knows. Each is one function: rpcs, events and steps are only doors to them.
// A verb that does not fit the state is an error; a fact that is older than the state goes to the history.
import { check, DomainError } from "#kit/pure/check.js";
import { add, type Money } from "#kit/pure/money.js";
import { advance, type Happening, isEnded, noted, quietly, raised, type Scene } from "./advance.js";
import { payloadOf } from "./calls.js";
import { contextOf, termsContext } from "./context.js";
import { handover, handoverSteps, stalled } from "./deadlines.js";
import { begin, type ChartEvent } from "./machine.js";
import type { Channel, Fault, Kind, Line, Outcome, Resolution, Terms, Verdict } from "./types.js";

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
          kind: kinds[kind],
          state: states[outcome.next.state] ?? 0,
          createTime: scene.now,
        },
      },
      ...outcome.facts,
    ],
  };
}

/** The contract's numbers of Kind and of the states a request can begin in. */
const kinds: Readonly<Record<Kind, number>> = { CANCELLATION: 1, RETURN: 2, EXCHANGE: 3, CLAIM: 4 };
const states: Readonly<Record<string, number>> = { PENDING_REVIEW: 2, OPEN: 3, DECLINED: 4, CLOSED: 8 };

// Verbs.

/** The customer takes it back. @throws DomainError RESOLUTION_STATE, ALREADY_HANDED_OVER */
export function withdraw(r: Resolution, scene: Scene): Outcome {
  refuseAfterHandOver(r);
  return verb(r, { type: "WITHDRAW" }, "withdraw", scene, { name: "Withdrawn", text: "Taken back by the customer." });
}

/** Staff end it. @throws DomainError RESOLUTION_STATE, ALREADY_HANDED_OVER */
export function cancel(r: Resolution, note: string, scene: Scene): Outcome {
  refuseAfterHandOver(r);
  return verb(r, { type: "CANCEL" }, "cancel", scene, { name: "Canceled", text: note });
}

/** PENDING_REVIEW → OPEN. @throws DomainError RESOLUTION_STATE */
export function approve(r: Resolution, note: string, scene: Scene): Outcome {
  return verb(r, { type: "APPROVE" }, "approve", scene, { name: "Approved", text: note || "Granted after review." });
}

/** PENDING_REVIEW → DECLINED. @throws DomainError RESOLUTION_STATE */
export function decline(r: Resolution, text: string, scene: Scene): Outcome {
  return verb(r, { type: "DECLINE" }, "decline", scene, { name: "Declined", text });
}

/** AUTO_WITHDRAWN → OPEN, while the customer could still ask. @throws DomainError RESOLUTION_STATE */
export function reopen(r: Resolution, scene: Scene): Outcome {
  const end = r.terms.windowEnd;
  check(
    r.state !== "AUTO_WITHDRAWN" || !end || scene.now <= end,
    "RESOLUTION_STATE",
    "the window to return has ended",
    {
      resolution_id: r.resolutionId,
      state: r.state,
      verb: "reopen",
    },
  );
  const fresh = { ...r, chart: { ...r.chart, context: contextOf(r.kind, r.terms) } };
  return verb(fresh, { type: "REOPEN" }, "reopen", scene, { name: "Reopened", text: "Taken up again." });
}

/** Tries a step that gave up again, with what it sent before. @throws DomainError RESOLUTION_STATE */
export function resume(r: Resolution, scene: Scene): Outcome {
  const hold = r.hold;
  check(hold !== undefined && hold.step !== "", "RESOLUTION_STATE", `${r.resolutionId} has no step to try again`, {
    resolution_id: r.resolutionId,
    state: r.state,
    verb: "resume",
  });
  const outcome = noted(r, scene, { name: "Resumed", text: `Trying ${hold.step} again.` }, true, { hold: undefined });
  return { ...outcome, steps: [{ step: hold.step, due: scene.now, payload: hold.payload }] };
}

/** Ends a recovery. @throws DomainError RESOLUTION_STATE */
export function settleRecovery(r: Resolution, recovered: boolean, note: string, scene: Scene): Outcome {
  const event: ChartEvent = { type: recovered ? "RECOVERED" : "WRITTEN_OFF" };
  return verb(r, event, "settleRecovery", scene, { name: recovered ? "Recovered" : "WrittenOff", text: note });
}

function verb(r: Resolution, event: ChartEvent, name: string, scene: Scene, happening: Happening): Outcome {
  const outcome = advance(r, event, scene, happening);
  if (outcome) return outcome;
  throw new DomainError("RESOLUTION_STATE", `${r.resolutionId} is ${r.state}: ${name} is not possible`, {
    resolution_id: r.resolutionId,
    state: r.state,
    verb: name,
  });
}

function refuseAfterHandOver(r: Resolution): void {
  const goods = r.tracks?.goods;
  const gone = r.state === "OPEN" && (goods === "IN_TRANSIT" || goods === "INSPECTING" || goods === "INSPECTED");
  check(!gone, "ALREADY_HANDED_OVER", `the goods of ${r.resolutionId} are on their way to us`, {
    resolution_id: r.resolutionId,
  });
}

function mustTake(r: Resolution, event: ChartEvent, scene: Scene, happening: Happening): Outcome {
  const outcome = advance(r, event, scene, happening);
  if (!outcome)
    throw new RangeError(`${r.chart.machine} does not take ${event.type} at ${JSON.stringify(r.chart.value)}`);
  return outcome;
}

// Facts. Late, doubled or shuffled ones change nothing but the history.

function fact(
  r: Resolution,
  event: ChartEvent,
  scene: Scene,
  happening: Happening,
  change: Partial<Resolution> = {},
): Outcome {
  return advance(r, event, scene, happening, change) ?? noted(r, scene, happening, false);
}

/** The carrier has the goods. */
export function pickedUp(r: Resolution, scene: Scene): Outcome {
  const happening = { name: "ParcelPickedUp", text: "The carrier has the parcel." };
  const outcome = fact(r, { type: "PICKED_UP" }, scene, happening);
  // The driver came although it was taken back: the goods are in our hands, so somebody has to decide.
  if (isEnded(r.state) && r.state !== "CLOSED")
    return raised(r, scene, "handover", "the goods came although the request had ended");
  return outcome;
}

/** A driver left without the goods. Only the customer's own failures count against their time to hand over. */
export function attemptFailed(r: Resolution, fault: Fault, code: string, scene: Scene): Outcome {
  const text = `A pickup failed (${code}).`;
  const outcome = noted(r, scene, { name: "PickupAttemptFailed", text }, r.state === "OPEN");
  if (r.tracks?.goods !== "COLLECTING" || r.state !== "OPEN" || fault === "CUSTOMER") return outcome;
  const due = handover(r, scene.now);
  const kept = r.deadlines.filter((d) => d.step !== "handover");
  return {
    ...outcome,
    next: { ...outcome.next, deadlines: [...kept, ...due.deadlines] },
    steps: due.steps,
    dropped: handoverSteps.filter((step) => step !== "statutory-collection"),
  };
}

/** No carrier will do it any more: a person has to find another way. */
export function collectionFailed(r: Resolution, reason: string, scene: Scene): Outcome {
  if (r.tracks?.goods !== "COLLECTING" || r.state !== "OPEN") {
    return noted(r, scene, { name: "CollectionFailed", text: reason }, false);
  }
  const again = { ...r, version: r.version + 1 };
  return raised(r, scene, "collection.schedule", `no pickup: ${reason}`, payloadOf("collection.schedule", again));
}

/** The carrier gave the parcel up: that is not the customer's loss. */
export function parcelLost(r: Resolution, scene: Scene): Outcome {
  const lines = r.lines.map((line) => ({ ...line, missing: line.quantity }));
  const outcome = advance(r, { type: "LOST" }, scene, { name: "ParcelLost", text: "The carrier lost the parcel." });
  if (!outcome) return noted(r, scene, { name: "ParcelLost", text: "The carrier lost the parcel." }, false);
  // Paid in full: the refund was decided on before the lines are marked.
  return { ...outcome, next: { ...outcome.next, lines } };
}

/** The goods are physically in the house: statutory refund clocks start. */
export function received(r: Resolution, inspectionId: string, scene: Scene): Outcome {
  const lines = (r.chart.context as { inspection?: boolean }).inspection ? r.lines : allAccepted(r.lines);
  const happening = { name: "ParcelReceived", text: "The warehouse has the goods." };
  return fact(r, { type: "RECEIVED" }, scene, happening, { lines, inspectionId });
}

export type Finding = {
  readonly lineId: string;
  readonly quantity: number;
  readonly verdict: "ACCEPTED" | "REJECTED" | "MISSING";
};

/** Every unit has a verdict. */
export function inspected(
  r: Resolution,
  findings: readonly Finding[],
  scene: Scene,
  inspectionId = r.inspectionId,
): Outcome {
  const lines = r.lines.map((line) => counted(line, findings));
  const total = lines.reduce((sum, line) => sum + line.quantity, 0);
  const good = lines.reduce((sum, line) => sum + line.accepted, 0);
  const accepted = good === total ? "ALL" : good > 0 ? "SOME" : "NONE";
  const text = good === total ? "All units were accepted." : `${good} of ${total} units were accepted.`;
  return fact(
    r,
    { type: "INSPECTED", accepted },
    scene,
    { name: "InspectionCompleted", text },
    { lines, inspectionId },
  );
}

/** The customer has the money. */
export function refunded(r: Resolution, refundId: string, amount: Money, scene: Scene): Outcome {
  const total = r.refunded ? add(r.refunded, amount) : amount;
  const lines =
    r.tracks?.goods === "COLLECTING" || r.tracks?.goods === "IN_TRANSIT" || r.tracks?.goods === "INSPECTING"
      ? r.lines
      : settled(r.lines);
  return fact(
    r,
    { type: "REFUNDED" },
    scene,
    { name: "RefundSucceeded", text: "The money went back." },
    { refundId, refunded: total, lines },
  );
}

/** The provider refused: finance must look. */
export function refundFailed(r: Resolution, refundId: string, failure: string, scene: Scene): Outcome {
  return fact(r, { type: "REFUND_FAILED" }, scene, { name: "RefundFailed", text: failure }, { refundId });
}

// Answers to calls.

/** The warehouse held everything back. */
export function stopped(r: Resolution, scene: Scene): Outcome {
  const happening = { name: "ReleaseStopped", text: "The order was stopped before it left." };
  return fact(r, { type: "STOPPED" }, scene, happening, { lines: allAccepted(r.lines) });
}

/** It has left: the request goes on as a return, to be judged as one. */
export function alreadyShipped(r: Resolution, scene: Scene): Outcome {
  const happening = { name: "AlreadyShipped", text: "The order had left already; it goes on as a return." };
  return fact(r, { type: "ALREADY_SHIPPED" }, scene, happening);
}

/** The same units, judged as a return. */
export function judgedAsReturn(
  r: Resolution,
  verdict: Verdict,
  text: string,
  terms: Terms,
  decision: Uint8Array,
  scene: Scene,
): Outcome {
  if (verdict === "DECLINE")
    return fact(r, { type: "RETURN_DECLINED" }, scene, { name: "ReturnDeclined", text }, { decision });
  const granted: ChartEvent = { type: "RETURN_GRANTED", terms: termsContext(terms) };
  return fact(r, granted, scene, { name: "ReturnGranted", text }, { terms, decision });
}

/** The collection is stored; if the request ended meanwhile it is called off. */
export function collectionBegun(r: Resolution, collectionId: string, scene: Scene): Outcome {
  return begun(r, { collectionId }, "collection.cancel", scene);
}

/** The dock expects the goods; if the request ended meanwhile it no longer does. */
export function receiptExpected(r: Resolution, inspectionId: string, scene: Scene): Outcome {
  return begun(r, { inspectionId }, "inspection.cancel", scene);
}

function begun(r: Resolution, change: Partial<Resolution>, callOff: string, scene: Scene): Outcome {
  const obsolete = isEnded(r.state) && r.state !== "CLOSED";
  const next = { ...r, ...change, version: r.version + 1 };
  return quietly(
    r,
    scene,
    change,
    obsolete ? [{ step: callOff, due: scene.now, payload: payloadOf(callOff, next) }] : [],
  );
}

/** The replacement is set aside; if the request ended meanwhile it goes back on the shelf. */
export function stockHeld(r: Resolution, stockHoldId: string, scene: Scene): Outcome {
  const happening = { name: "ReplacementHeld", text: "The replacement is set aside." };
  return (
    advance(r, { type: "HELD" }, scene, happening, { stockHoldId }) ?? begun(r, { stockHoldId }, "stock.release", scene)
  );
}

/** There is no replacement: the money goes back instead. */
export function soldOut(r: Resolution, scene: Scene): Outcome {
  const happening = { name: "SoldOut", text: "The replacement is sold out; the money goes back instead." };
  return fact(r, { type: "SOLD_OUT" }, scene, happening, { stockHoldId: "" });
}

/** The replacement is on its way. */
export function reshipped(r: Resolution, scene: Scene): Outcome {
  return fact(r, { type: "RESHIPPED" }, scene, { name: "ReplacementShipped", text: "The replacement is on its way." });
}

/** The refund is granted; its settlement comes as a fact. */
export function refundGranted(r: Resolution, refundId: string, scene: Scene): Outcome {
  return quietly(r, scene, { refundId });
}

/** A reminder went out. */
export function reminded(r: Resolution, days: number, scene: Scene): Outcome {
  return noted(
    r,
    scene,
    { name: "Reminded", text: `Reminded: ${days} day${days === 1 ? "" : "s"} left to hand over.` },
    true,
  );
}

/** A call is answered that changes nothing here. */
export function done(r: Resolution, scene: Scene): Outcome {
  return quietly(r, scene, {});
}

/** A call gave up: the resolution waits for a person, its clocks run on. */
export function gaveUp(r: Resolution, step: string, payload: object, reason: string, scene: Scene): Outcome {
  return raised(r, scene, step, `${step} gave up: ${reason}`, payload);
}

// Deadlines.

/** Nothing was handed over in time. Where the law forbids a silent end, a person is called and the time begins anew. */
export function handoverDue(r: Resolution, scene: Scene): Outcome {
  if (r.tracks?.goods !== "COLLECTING" || r.state !== "OPEN") return quietly(r, scene, {});
  if (r.terms.autoWithdrawal) {
    const happening = {
      name: "AutoWithdrawn",
      text: "Not handed over in time; it can be taken up again while the window lasts.",
    };
    return advance(r, { type: "HANDOVER_DUE" }, scene, happening) ?? quietly(r, scene, {});
  }
  const outcome = raised(r, scene, "handover", "not handed over in time; this market does not let it end by itself");
  const due = handover(r, scene.now);
  const kept = r.deadlines.filter((d) => d.step !== "handover");
  return { ...outcome, next: { ...outcome.next, deadlines: [...kept, ...due.deadlines] }, steps: due.steps };
}

/** We are late to inspect: the customer is paid all the same. */
export function guaranteeDue(r: Resolution, scene: Scene): Outcome {
  const happening = {
    name: "GuaranteedRefund",
    text: "The promised time has come; the refund goes out without a verdict.",
  };
  return advance(r, { type: "GUARANTEE_DUE" }, scene, happening) ?? quietly(r, scene, {});
}

/** A statutory clock is about to break. */
export function statutoryDue(r: Resolution, step: string, scene: Scene): Outcome {
  if (r.state !== "OPEN") return quietly(r, scene, {});
  const deadline = r.deadlines.find((d) => d.step === step);
  return raised(r, scene, step, `${step} is due ${deadline?.due.toISOString() ?? "now"} (${deadline?.article ?? ""})`);
}

/** Nothing was heard for too long: a person looks, and is called again if nothing follows. */
export function stalledDue(r: Resolution, scene: Scene): Outcome {
  if (isEnded(r.state)) return quietly(r, scene, {});
  const waits = [r.state, ...Object.values(r.tracks ?? {})].join(" ");
  const outcome = raised(r, scene, "stalled", `nothing has happened since ${r.updateTime.toISOString()} (${waits})`);
  return { ...outcome, steps: [stalled(r, scene.now)] };
}

function counted(line: Line, findings: readonly Finding[]): Line {
  const of = (verdict: Finding["verdict"]) =>
    findings.filter((f) => f.lineId === line.lineId && f.verdict === verdict).reduce((sum, f) => sum + f.quantity, 0);
  return { ...line, accepted: of("ACCEPTED"), rejected: of("REJECTED"), missing: of("MISSING") };
}

function allAccepted(lines: readonly Line[]): Line[] {
  return lines.map((line) => ({ ...line, accepted: line.quantity }));
}

/** Where nothing comes back, what was paid for counts as accepted. */
function settled(lines: readonly Line[]): readonly Line[] {
  const judged = lines.some(({ accepted, rejected, missing }) => accepted + rejected + missing > 0);
  return judged ? lines : allAccepted(lines);
}
