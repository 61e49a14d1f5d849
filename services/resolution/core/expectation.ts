// What the dock is told of goods that come back: what the decision says of them, and which time breaks first. The
// inspection orders its work by that time, so it is told again when a clock begins.
import type { Money } from "#kit/pure/money.js";
import type { Deadline, Outcome, Resolution, Step } from "./types.js";

/** The clocks that a look at the goods can keep. */
const clocks: ReadonlySet<string> = new Set(["statutory-refund", "guaranteed-refund", "statutory-collection"]);

/** What `inspection.expect` sends of the units, and of the terms; decisions from before they said so leave it out. */
export function expectation(r: Resolution): object {
  const { deductionCauses, secondOpinionOver, goods, fault } = r.terms;
  const due = firstDue(r.deadlines);
  return {
    resolutionId: r.resolutionId,
    orderId: r.orderId,
    market: r.market,
    lines: r.lines.map(({ lineId, sku, quantity }) => ({ lineId, sku, quantity })),
    terms: {
      fault,
      ...(neverHad(r) && { neverHad: true }),
      ...(due && { due: due.toISOString() }),
      deductionCauses: deductionCauses ?? [],
      ...(secondOpinionOver && { secondOpinionOver: worded(secondOpinionOver) }),
      details: (goods ?? [])
        .filter(({ lineId }) => r.lines.some((line) => line.lineId === lineId))
        .map(({ unitValue, ...line }) => ({ ...line, ...(unitValue && { unitValue: worded(unitValue) }) })),
    },
  };
}

/** Tells the dock when the time that breaks first has become another one. */
export function withDueTold(before: Resolution, outcome: Outcome, now: Date): Outcome {
  const { next, steps } = outcome;
  const due = firstDue(next.deadlines);
  if (!next.inspectionId || next.state !== "OPEN" || !due) return outcome;
  if (due.getTime() === firstDue(before.deadlines)?.getTime()) return outcome;
  return { ...outcome, steps: [...steps, toldAgain(next, now)] };
}

/** Tells the dock what has become of goods that it expects already, or is just being told of. */
export function toldAgain(next: Resolution, due: Date): Step {
  const payload = { requestId: `${next.resolutionId}.inspection.terms.${next.version}`, ...expectation(next) };
  return { step: "inspection.terms", due, payload };
}

/** Whether the customer never had the goods; those of a request that ended are theirs all the same. */
function neverHad({ chart, state }: Resolution): boolean {
  return state === "OPEN" && (chart.context as { comesBack?: boolean }).comesBack === true;
}

function firstDue(deadlines: readonly Deadline[]): Date | undefined {
  const times = deadlines.filter(({ step }) => clocks.has(step)).map(({ due }) => due.getTime());
  return times.length > 0 ? new Date(Math.min(...times)) : undefined;
}

/** As a step's payload keeps it: JSON has no bigint. */
function worded({ minor, currency }: Money): { minor: string; currency: string } {
  return { minor: minor.toString(), currency };
}
