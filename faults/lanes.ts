// Trials side by side: each lane has a mesh of its own, plays one trial after the other in it, and begins a fresh one
// after so many, or after one that failed.
import { type House, openHouse } from "./house.js";
import { line } from "./report.js";
import { type Outcome, play, type Trial } from "./trial.js";

export type Lanes = {
  readonly lanes: number;
  /** Trials in one mesh. */
  readonly fresh: number;
  /** Leaves the folder of a mesh in which a trial failed. */
  readonly keep: boolean;
};

type Say = (line: string) => void;

/** Plays them all, in the order in which lanes become free. */
export async function playAll(trials: readonly Trial[], { lanes, fresh, keep }: Lanes, say: Say): Promise<Outcome[]> {
  const left = [...trials];
  const outcomes: Outcome[] = [];
  const lane = async (): Promise<void> => {
    let house: House | undefined;
    try {
      for (let played = 0, trial = left.shift(); trial; trial = left.shift(), played++) {
        if (house && played % fresh === 0) {
          await house.close(false);
          house = undefined;
        }
        house ??= await opened(say);
        const outcome = await play(house, trial);
        outcomes.push(outcome);
        say(line(outcome));
        if (outcome.complaints.length === 0) continue;
        for (const complaint of outcome.complaints) say(`       ${complaint}`);
        const kept = await house.close(keep);
        house = undefined;
        if (kept) say(`       its mesh is kept in ${kept}`);
      }
    } finally {
      await house?.close(false);
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, trials.length) }, lane));
  return outcomes.sort((a, b) => a.number - b.number);
}

const tries = 3;

/** On a machine that is busy with something else a start may take longer than anybody waits. */
async function opened(say: Say): Promise<House> {
  for (let left = tries; ; left--) {
    try {
      return await openHouse();
    } catch (error) {
      if (left === 1) throw error;
      say(`a mesh did not start: ${(error as Error).message}`);
    }
  }
}
