// What happens next: everything that is to come waits here for its virtual time, and comes in that order. How long things
// take is drawn, and so is who is faster: that is all the concurrency there is, and it can be told again.
import { createHash } from "node:crypto";
import { type Chance, chanceOf } from "../../prove/chance.js";
import { settled } from "./nature.js";

/** Something to come. `still` says whether it means anything by then; without it, it always does. */
type Coming = {
  readonly time: number;
  readonly place: number;
  readonly run: () => void;
  readonly still?: () => boolean;
};

export type Schedule = ReturnType<typeof openSchedule>;

/** Lines of the story that are kept for whoever must understand a failure. */
const kept = 400;

/** @param whole keeps every line, not only the last ones */
export function openSchedule(seed: number, startMs: number, whole = false) {
  const heap: Coming[] = [];
  const hash = createHash("sha256");
  const lines: string[] = [];
  const streams = new Map<string, Chance>();
  let now = startMs;
  let places = 0;
  let steps = 0;

  /** A stream of chance of its own for each matter: what is left out of a story leaves the rest of it as it was. */
  function chance(matter: string): Chance {
    const known = streams.get(matter);
    if (known) return known;
    const drawn = chanceOf(createHash("sha256").update(`${seed}/${matter}`).digest().readInt32LE());
    streams.set(matter, drawn);
    return drawn;
  }

  function at(time: number, run: () => void, still?: () => boolean): void {
    push(heap, { time: Math.max(time, now), place: places++, run, ...(still && { still }) });
  }

  /** A line of the story, in canonical form: what the hash is made of. */
  function tell(line: string): void {
    const text = `${now - startMs} ${line}`;
    hash.update(text).update("\n");
    lines.push(text);
    if (!whole && lines.length > 2 * kept) lines.splice(0, kept);
  }

  /** The next thing happens, and all that follows from it at once. False: nothing is left. */
  async function step(): Promise<boolean> {
    for (;;) {
      const next = pop(heap);
      if (!next) return false;
      if (next.still && !next.still()) continue;
      now = next.time;
      steps++;
      next.run();
      await settled();
      return true;
    }
  }

  return {
    chance,
    at,
    after: (ms: number, run: () => void, still?: () => boolean) => at(now + ms, run, still),
    tell,
    step,
    now: () => now,
    startMs,
    steps: () => steps,
    story: () => (whole ? [...lines] : lines.slice(-kept)),
    digest: () => hash.copy().digest("hex"),
  };
}

function before(a: Coming, b: Coming): boolean {
  return a.time < b.time || (a.time === b.time && a.place < b.place);
}

function push(heap: Coming[], coming: Coming): void {
  heap.push(coming);
  let at = heap.length - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!before(coming, heap[parent] as Coming)) break;
    heap[at] = heap[parent] as Coming;
    at = parent;
  }
  heap[at] = coming;
}

function pop(heap: Coming[]): Coming | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (!first || !last || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1] as Coming, heap[child] as Coming)) child++;
    if (!before(heap[child] as Coming, last)) break;
    heap[at] = heap[child] as Coming;
    at = child;
  }
  heap[at] = last;
  return first;
}
