// Staff hold a request back: nothing goes out meanwhile, neither money nor a replacement, while the goods and every clock
// run on. A hold ends by itself, never later than the law's time, and then calls a person.
import { check } from "#kit/pure/check.js";
import { advance, quietly, raised, type Scene } from "./advance.js";
import type { Context, HeldBack } from "./context2.js";
import { holdStep } from "./deadlines.js";
import { followed } from "./followed.js";
import type { Outcome, Resolution } from "./types.js";
import { verb } from "./verbs.js";

const day = 86_400_000;
const maxDays = 30;
/** Times that are ours to keep: a hold may not reach over them. */
const ours: ReadonlySet<string> = new Set(["statutory-refund", "statutory-collection", "guaranteed-refund"]);

function heldBackOf({ chart }: Resolution): HeldBack | undefined {
  return (chart.context as Partial<Context>).heldBack;
}

export function isHeldBack(r: Resolution): boolean {
  return heldBackOf(r) !== undefined;
}

/** Holds it back until a time; a hold that is there is replaced. @throws DomainError RESOLUTION_STATE, HOLD_TOO_LONG */
export function hold(r: Resolution, until: Date, reason: string, scene: Scene): Outcome {
  const { now, actor } = scene;
  const limit = r.deadlines
    .filter(({ step }) => ours.has(step))
    .reduce((first, { due }) => Math.min(first, due.getTime()), now.getTime() + maxDays * day);
  check(
    until > now && until.getTime() <= limit,
    "HOLD_TOO_LONG",
    `a hold of ${r.resolutionId} ends in the future, and at ${new Date(limit).toISOString()} at the latest`,
    { resolution_id: r.resolutionId, until: until.toISOString(), latest: new Date(limit).toISOString() },
  );
  const held = { by: actor.subject, reason, until: until.toISOString() };
  const text = `Staff hold this back until ${until.toISOString()}.`;
  const outcome = verb(r, { type: "HOLD", held }, "hold", scene, { name: "Held", text });
  const deadline = { step: holdStep, due: until, article: "staff: hold", provisional: false };
  return {
    ...outcome,
    next: { ...outcome.next, deadlines: inOrder([...without(outcome.next), deadline]) },
    steps: [...outcome.steps, { step: holdStep, due: until, payload: {} }],
    dropped: [...outcome.dropped, holdStep],
  };
}

/** Lets it go on. @throws DomainError RESOLUTION_STATE where nothing is held back */
export function release(r: Resolution, reason: string, scene: Scene): Outcome {
  return freed(verb(r, { type: "RELEASE" }, "release", scene, { name: "Released", text: reason }));
}

/** Its time is over, or the law's is about to be: it goes on, and a person is called. */
export function holdEnded(r: Resolution, by: "time" | "law", scene: Scene): Outcome {
  const held = heldBackOf(r);
  const text = by === "time" ? "The hold has ended." : "The hold has ended: the law's time comes first.";
  const outcome = held && advance(r, { type: "RELEASE" }, scene, { name: "Released", text });
  if (!outcome) return quietly(r, scene, {});
  if (outcome.next.state === "CLOSED") return freed(outcome);
  const reason = `${held.by}'s hold has ended, and what it held back goes on: ${held.reason}`;
  return followed(freed(outcome), (next) => raised(next, scene, holdStep, reason));
}

/** Ends with it: the deadline that stands for it, and the step. */
function freed(outcome: Outcome): Outcome {
  const next = { ...outcome.next, deadlines: without(outcome.next) };
  return { ...outcome, next, dropped: [...outcome.dropped, holdStep] };
}

function without({ deadlines }: Resolution): Resolution["deadlines"] {
  return deadlines.filter(({ step }) => step !== holdStep);
}

function inOrder(deadlines: Resolution["deadlines"]): Resolution["deadlines"] {
  return [...deadlines].sort((a, b) => a.due.getTime() - b.due.getTime());
}
