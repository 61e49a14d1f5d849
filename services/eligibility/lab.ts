// The replay lab: a step of the agenda goes through past decisions for a while, then books how far it has come, what it has
// found, and the next step, in one statement. Whoever dies in between has booked nothing; another replica goes on from
// what was booked.
import { setImmediate as yieldNow } from "node:timers/promises";
import type { StepHandler } from "#kit/agenda.js";
import { byFact, byStep } from "#kit/aggregate.js";
import type { Clock } from "#kit/clock.js";
import type { LeasedStep } from "#kit/commit.js";
import type { Calendar } from "#kit/pure/calendar.js";
import type { Calendars } from "./calendars.js";
import { entryOf, simulated } from "./core/book.js";
import { type Comparison, compare } from "./core/compare.js";
import { parseDocument } from "./core/document.js";
import { compile, type Policy } from "./core/engine.js";
import { advanced, type Cursor, done, failed, type Simulation } from "./core/simulation.js";
import { pageSize } from "./store/simulations.js";
import type { Store } from "./store.js";

export type LabParts = {
  readonly store: Store;
  readonly calendars: Calendars;
  readonly clock: Clock;
  /** How long a step judges before it books. */
  readonly sliceMs: number;
};

/** How long it judges before everybody else in the process has a turn. */
const turnMs = 2;

const nothingTried =
  "no decision lies between since_time and until_time, so nothing was tried: choose another range, or leave both out";
const revised = "the version was revised meanwhile: validate it and simulate it again";

export function labSteps({ store, calendars, clock, sliceMs }: LabParts): Readonly<Record<string, StepHandler>> {
  let last: { readonly hash: string; readonly policy: Policy } | undefined;

  /** A simulation takes many steps; its tables stay compiled, and what their cells answered remembered. */
  function compiled(hash: string, document: string): Policy {
    if (last?.hash !== hash) last = { hash, policy: compile(parseDocument(document)) };
    return last.policy;
  }

  const settle = (step: LeasedStep, decide: (simulation: Simulation) => Simulation, next: readonly string[] = []) => {
    const steps = next.map((name) => ({ step: name, due: clock.now() }));
    return store.changeSimulation(step.aggregateId, byStep(step), decide, steps);
  };

  /**
   * The version becomes SIMULATED before anybody reads that the simulation is done. The fact is the simulation's own, so
   * it takes effect once however often the step is tried. Answers whether it still was about the same document.
   */
  async function announce({ simulationId, market, policyId, documentHash, author }: Simulation): Promise<boolean> {
    const book = await store.change(market, byFact("simulation", simulationId), (before) =>
      simulated(before, policyId, { simulationId, documentHash }, { subject: author, now: clock.now() }),
    );
    return entryOf(book, policyId).documentHash === documentHash;
  }

  /** Whether there was something to judge outside its range. A market without any decision has nothing to be held against. */
  async function wasEmptyByChoice({ market, createTime }: Simulation): Promise<boolean> {
    return (await store.countDecisions({ market, until: createTime }, new Date(0))) > 0;
  }

  return {
    simulate: {
      async run(step) {
        const simulation = await store.findSimulation(step.aggregateId);
        const { document, entry } = await store.policy(simulation.policyId);
        const { documentHash, market } = simulation;
        if (entry.documentHash !== documentHash) return void (await settle(step, (s) => failed(s, revised)));
        const policy = compiled(documentHash, document);
        const calendar = await calendars.of(market, policy.document.civil);
        const slice = await judgeOn(store, simulation, policy, calendar, sliceMs);
        const { comparison, cursor } = slice;
        if (!slice.ended) return void (await settle(step, (s) => advanced(s, cursor, comparison), ["simulate"]));
        if (comparison.decisions === 0 && (await wasEmptyByChoice(simulation))) {
          return void (await settle(step, (s) => failed(s, nothingTried)));
        }
        const stands = await announce(simulation);
        await settle(step, (s) => (stands ? done(s, comparison) : failed(s, revised)));
      },
      async giveUp(step, error) {
        await settle(step, (simulation) => failed(simulation, error.message));
      },
    },
  };
}

/** Judges from the cursor on until the slice is over, or everything is judged. */
async function judgeOn(
  store: Pick<Store, "decisionsAfter">,
  simulation: Simulation,
  policy: Policy,
  calendar: Calendar,
  sliceMs: number,
): Promise<{ readonly comparison: Comparison; readonly cursor: Cursor; readonly ended: boolean }> {
  const { comparison } = simulation; // read for this step alone
  const end = performance.now() + sliceMs;
  let { cursor } = simulation;
  let reading = store.decisionsAfter(simulation, cursor);
  for (;;) {
    const page = await reading;
    const last = page.at(-1);
    if (last) cursor = { time: last.time, decisionId: last.decisionId };
    const more = page.length === pageSize && performance.now() < end;
    // The database reads the next page while this one is judged.
    if (more) reading = store.decisionsAfter(simulation, cursor);
    reading.catch(() => {}); // heard where it is awaited
    let turn = performance.now() + turnMs;
    for (const given of page) {
      compare(comparison, policy, calendar, given);
      if (performance.now() < turn) continue;
      await yieldNow();
      turn = performance.now() + turnMs;
    }
    if (!more) return { comparison, cursor, ended: page.length < pageSize };
  }
}
