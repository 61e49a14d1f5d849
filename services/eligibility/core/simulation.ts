// A version held against past decisions, from the first to the last, over as many tries and replicas as it takes.
import type { Moves } from "#kit/pure/moves.js";
import type { Comparison } from "./compare.js";

export type SimulationState = "RUNNING" | "DONE" | "FAILED";

export const simulationMoves = {
  RUNNING: ["DONE", "FAILED"],
  DONE: [],
  FAILED: [],
} as const satisfies Moves<SimulationState>;

/** Past decisions are judged in the order of time and id; this is the last one that was. */
export type Cursor = { readonly time: Date; readonly decisionId: string };

export type Simulation = {
  readonly simulationId: string;
  readonly market: string;
  readonly policyId: string;
  /** Of the document that is tried: what is found out is not true of another one. */
  readonly documentHash: string;
  readonly state: SimulationState;
  /** Undefined: from the first decision on. */
  readonly since: Date | undefined;
  /** Never later than the beginning: what is decided meanwhile does not count. */
  readonly until: Date;
  /** Decisions to judge, as counted at the beginning; when DONE, those that were judged. */
  readonly total: number;
  readonly cursor: Cursor;
  /** As far as it has come. */
  readonly comparison: Comparison;
  /** Why it failed. */
  readonly note: string;
  /** Who began it. */
  readonly author: string;
  readonly createTime: Date;
  /** Guards the next change. */
  readonly version: number;
};

export type NewSimulation = Omit<Simulation, "state" | "cursor" | "note" | "version">;

export function begin(simulation: NewSimulation): Simulation {
  const cursor = { time: simulation.since ?? new Date(0), decisionId: "" };
  return { ...simulation, state: "RUNNING", cursor, note: "", version: 1 };
}

/** So far; more is to come. @throws RangeError as the other verbs if it has ended, which its agenda step rules out */
export function advanced(simulation: Simulation, cursor: Cursor, comparison: Comparison): Simulation {
  return changed(simulation, { cursor, comparison });
}

/** RUNNING → DONE. */
export function done(simulation: Simulation, comparison: Comparison): Simulation {
  return changed(simulation, { comparison, total: comparison.decisions, state: "DONE" });
}

/** RUNNING → FAILED; what was found so far stays to be read. */
export function failed(simulation: Simulation, note: string): Simulation {
  return changed(simulation, { note, state: "FAILED" });
}

function changed(simulation: Simulation, to: Partial<Simulation>): Simulation {
  const { simulationId, state, version } = simulation;
  if (state !== "RUNNING") throw new RangeError(`${simulationId} is ${state}`);
  return { ...simulation, ...to, version: version + 1 };
}
