// One event, taken by the statechart, and everything that follows from it: steps, deadlines, units, history, facts.
import type { Calendar } from "#kit/pure/calendar.js";
import { askedAgain, holdAfter, itemOf, lasting, needsPerson, raisedOver, textOf } from "./attention.js";
import { payloadOf } from "./calls.js";
import type { ChartAction, ChartEvent } from "./chart.js";
import { type Context, dueButHeld } from "./context2.js";
import {
  collectionClock,
  type Due,
  handover,
  handoverSteps,
  holdStep,
  refundClock,
  refundClockRuns,
  refundSteps,
  stalled,
  told,
} from "./deadlines.js";
import { hasReceived } from "./difference.js";
import { withGuarantee } from "./guarantee.js";
import { holdSteps, holdsDropped } from "./holds.js";
import { atRest, rest, stateOf, take, tracksOf } from "./machine.js";
import type { Actor, Deadline, Entry, Outcome, Resolution, ResolutionFact, State, Step } from "./types.js";

/** Who, when, and by which calendar. */
export type Scene = { readonly actor: Actor; readonly now: Date; readonly calendar: Calendar };

/** What happened, for the history. */
export type Happening = { readonly name: string; readonly text: string };

const ended: ReadonlySet<State> = new Set(["DECLINED", "WITHDRAWN", "AUTO_WITHDRAWN", "CANCELED", "CLOSED"]);

/** Whether nothing goes on any more. */
export function isEnded(state: State): boolean {
  return ended.has(state);
}

/**
 * Takes an event. Undefined if the statechart does not take it where it stands: the caller knows whether that is an old
 * fact or an error.
 * @param change what the event itself brings to the row, such as a collection's id
 */
export function advance(
  before: Resolution,
  event: ChartEvent,
  scene: Scene,
  happening: Happening,
  change: Partial<Resolution> = {},
): Outcome | undefined {
  const taken = take(before.chart, event);
  if (!taken) return undefined;
  let { chart } = taken;
  const tracks = tracksOf(chart) ?? change.tracks ?? before.tracks;
  if (tracksOf(chart) && tracks && atRest(tracks)) chart = take(chart, { type: "CLOSE" })?.chart ?? chart;
  const state = stateOf(chart) as State;
  const { now } = scene;
  const bare: Resolution = {
    ...before,
    ...change,
    chart,
    tracks,
    state,
    updateTime: now,
    closeTime: isEnded(state) ? now : undefined,
    version: before.version + 1,
  };
  const due = dueNow(bare, taken.actions, scene);
  const ends = isEnded(state) && !isEnded(before.state);
  const dropped = [...droppedBy(before, bare, taken.actions, ends), ...holdsDropped(taken.actions)];
  const paidFor = ends && state !== "CLOSED" && hasReceived(bare);
  const attention =
    taken.actions.find((action) => action.type === "attention" && needsPerson(action.step, bare)) ??
    (paidFor ? { type: "attention", step: "payment.request" } : undefined);
  const kept = isEnded(state) ? lasting(before.hold) : holdAfter(before, bare);
  const { next, steps: guarantee } = withGuarantee(
    {
      ...bare,
      deadlines: [...bare.deadlines.filter((d) => !dropped.includes(d.step)), ...due.deadlines].sort(byTime),
      hold: attention ? raisedOver(kept, { step: "", payload: {}, reason: textOf(attention.step, bare) }) : kept,
    },
    now,
  );
  const { entries, counted } = history(next, happening, scene, state === "CLOSED");
  return {
    next: { ...next, entries: counted },
    entries,
    facts: factsOf(before, next, scene, attention),
    steps: [
      ...callsOf(taken.actions, next, now),
      ...due.steps,
      ...windDown(taken.actions, before, next, now),
      ...holdSteps(taken.actions, event, next, now),
      ...guarantee,
      ...askedAgain(before.hold, next.hold, now),
      ...(isEnded(state) ? [] : [stalled(next, now)]),
    ],
    dropped: [...dropped, "stalled"],
    held: heldBy(before, next),
  };
}

/** An entry without effect on anything else: a fact that came too late, a note. */
export function noted(
  before: Resolution,
  scene: Scene,
  happening: Happening,
  applied: boolean,
  change: Partial<Resolution> = {},
): Outcome {
  const next = { ...before, ...change, updateTime: scene.now, version: before.version + 1 };
  const { entries, counted } = history(next, happening, scene, false, applied);
  return { next: { ...next, entries: counted }, entries, facts: [], steps: [], dropped: [], held: [] };
}

/** The row changes, the history says nothing: answers that only bring an id. */
export function quietly(
  before: Resolution,
  scene: Scene,
  change: Partial<Resolution>,
  steps: readonly Step[] = [],
): Outcome {
  const next = { ...before, ...change, updateTime: scene.now, version: before.version + 1 };
  return { next, entries: [], facts: [], steps, dropped: [], held: [] };
}

/** A person must look: the clocks run on. */
export function raised(before: Resolution, scene: Scene, step: string, reason: string, payload: object = {}): Outcome {
  const hold = raisedOver(before.hold, itemOf(step, reason, payload));
  const outcome = noted(before, scene, { name: "AttentionRaised", text: reason }, true, { hold });
  const { resolutionId } = before;
  return {
    ...outcome,
    facts: [{ name: "AttentionRaised", body: { resolutionId, step, reason, raiseTime: scene.now } }],
  };
}

const startsClock = "startRefundClock";

function dueNow(r: Resolution, actions: readonly ChartAction[], { now, calendar }: Scene): Due {
  // What would be paid at once needs no clock, until staff hold it back.
  const held = r.state === "OPEN" && r.tracks?.money === "WAITING" && dueButHeld(r.chart.context as Context);
  const started = held && !actions.some(({ type }) => type === startsClock);
  const parts = [...actions, ...(started ? [{ type: startsClock }] : [])].flatMap((action) => {
    if (action.type === "startHandover") return [handover(r, calendar, now), collectionClock(r, calendar, now)];
    // What is paid already is never late.
    if (action.type === startsClock && !r.refunded && !refundClockRuns(r)) return [refundClock(r, calendar, now)];
    return [];
  });
  return { deadlines: parts.flatMap((p) => p.deadlines), steps: parts.flatMap((p) => p.steps) };
}

function droppedBy(before: Resolution, next: Resolution, actions: readonly ChartAction[], ends: boolean): string[] {
  const moneyRests = next.tracks && rest.money.has(next.tracks.money) && before.tracks?.money !== next.tracks.money;
  const paid = next.refunded && !before.refunded;
  return [
    ...(ends || actions.some((a) => a.type === "endHandover") ? handoverSteps : []),
    ...(ends || moneyRests || paid ? refundSteps : []),
    ...(ends ? [holdStep] : []),
  ];
}

function callsOf(actions: readonly ChartAction[], next: Resolution, due: Date): Step[] {
  return actions.flatMap((action) =>
    action.type === "call" && action.step && wanted(action.step, next)
      ? [{ step: action.step, due, payload: payloadOf(action.step, next) }]
      : [],
  );
}

/** What went out first is taken from its guarantee. Nothing is taken back from a refund that never was: a person sees to it. */
function wanted(step: string, { refundId, chart, exchange }: Resolution): boolean {
  const guaranteed = exchange?.guarantee?.state === "SET_ASIDE";
  if (step === "payment.capture") return guaranteed;
  if (step === "refund.recover" && guaranteed) return false;
  return step !== "refund.recover" || refundId !== "" || chart.machine === "resolution/1";
}

/** What was begun is called off. What is not known yet is called off when its answer comes. */
function windDown(actions: readonly ChartAction[], before: Resolution, next: Resolution, due: Date): Step[] {
  const call = (step: string): Step => ({ step, due, payload: payloadOf(step, next) });
  const steps: Step[] = [];
  if (actions.some((action) => action.type === "windDown")) {
    if (next.collectionId) steps.push(call("collection.cancel"));
    if (next.inspectionId) steps.push(call("inspection.cancel"));
    if (next.stockHoldId && before.tracks?.stock === "HELD") steps.push(call("stock.release"));
    if (next.state === "AUTO_WITHDRAWN")
      steps.push({ step: "notify", due, payload: { template: "auto-withdrawn", ...told(next) } });
  }
  if (next.tracks?.goods === "LOST" && before.tracks?.goods !== "LOST" && next.inspectionId)
    steps.push(call("inspection.cancel"));
  return steps;
}

/**
 * Units are held from the grant on, for good if they were given back, and let go otherwise. What was paid for before it was
 * rejected stays, whether the money was recovered or not: no unit is refunded a second time, so it is not asked about anew.
 */
function heldBy(before: Resolution, next: Resolution): Outcome["held"] {
  const { refundedEarly } = next.chart.context as { readonly refundedEarly?: boolean };
  const holds = (state: State) => state === "PENDING_REVIEW" || state === "OPEN" || state === "CLOSED";
  const was = holds(before.state);
  const is = holds(next.state);
  return next.lines.flatMap(({ lineId, heldAs = lineId, purchased, quantity, rejected }) => {
    let delta = 0;
    if (is && !was) delta = quantity;
    else if (was && !is) delta = -quantity;
    else if (next.state === "CLOSED" && before.state !== "CLOSED" && !refundedEarly) delta = -rejected;
    return delta === 0 ? [] : [{ lineId: heldAs, purchased, delta }];
  });
}

function history(
  r: Resolution,
  { name, text }: Happening,
  scene: Scene,
  closes: boolean,
  applied = true,
): { entries: Entry[]; counted: number } {
  const { actor, now } = scene;
  const base = { state: r.state, tracks: r.tracks, actor, time: now, applied };
  const entries = [{ ...base, sequence: r.entries + 1, name, text }];
  if (closes) {
    const text = "Everything is settled.";
    entries.push({
      ...base,
      actor: { subject: "resolution", role: "SERVICE" },
      sequence: r.entries + 2,
      name: "Closed",
      text,
    });
  }
  return { entries, counted: r.entries + entries.length };
}

function factsOf(
  before: Resolution,
  next: Resolution,
  { actor, now }: Scene,
  attention: ChartAction | undefined,
): ResolutionFact[] {
  const { resolutionId, orderId, state } = next;
  const facts: ResolutionFact[] = [];
  if (state !== before.state) {
    if (isEnded(before.state)) {
      facts.push({ name: "ResolutionReopened", body: { resolutionId, actor: actor.subject, reopenTime: now } });
    } else if (before.state === "REQUESTED" || before.state === "PENDING_REVIEW") {
      if (state === "OPEN" || state === "CLOSED") {
        facts.push({ name: "ResolutionOpened", body: { resolutionId, actor: actor.subject, openTime: now } });
      }
    }
    if (isEnded(state)) {
      facts.push({
        name: "ResolutionEnded",
        body: { resolutionId, orderId, state, endTime: now },
      });
    }
  }
  if (attention) {
    const reason = textOf(attention.step, next);
    facts.push({ name: "AttentionRaised", body: { resolutionId, step: attention.step ?? "", reason, raiseTime: now } });
  }
  return facts;
}

function byTime(a: Deadline, b: Deadline): number {
  return a.due.getTime() - b.due.getTime();
}
