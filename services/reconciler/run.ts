// One run: theirs is read, then ours goes past it page by page, what does not fit is kept, what fits again is closed.
// One run at a time, over all replicas; each further one waits for its turn.
import type { Spend } from "#kit/aggregate.js";
import type { Clock } from "#kit/clock.js";
import { Unavailable } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import type { Log } from "#kit/log.js";
import { openComparison } from "./core/compare.js";
import type { Patience, Run } from "./core/types.js";
import type { Ours } from "./ours.js";
import type { Store } from "./store.js";
import type { Theirs } from "./theirs.js";

export type RunParts = {
  readonly store: Store;
  readonly ours: Ours;
  readonly theirs: Theirs;
  readonly clock: Clock;
  readonly log: Log;
  readonly patience: Omit<Patience, "now">;
};

export type Reconciliation = {
  /** Runs once for this request; a request that was made before gets its first answer. */
  reconcile<R>(spend: Spend<Run, R>): Promise<R>;
  /** Whether a run is under way in this process, or waits for its turn. */
  busy(): boolean;
  /** Breaks off what is under way; resolves when nothing is. */
  end(): Promise<void>;
};

export function openReconciliation(parts: RunParts): Reconciliation {
  const { store } = parts;
  // One of this process waits for the others at a time: each that waits holds a connection.
  let line: Promise<void> = Promise.resolve();
  let waiting = 0;
  const ending = new AbortController();

  return {
    reconcile: (spend) => {
      waiting++;
      const turn = line.then(() =>
        store.alone(async () => {
          const before = await store.recallRun(spend);
          return before ?? store.addRun(spend, await run(parts, ending.signal));
        }),
      );
      const over = () => {
        waiting--;
      };
      // How it ended is its own caller's affair.
      line = turn.then(over, over);
      return turn;
    },
    busy: () => waiting > 0,
    end: () => {
      ending.abort(new Unavailable("DRAINING", "the reconciler is stopping; repeat with the same request_id"));
      return line;
    },
  };
}

async function run({ store, ours, theirs, clock, log, patience }: RunParts, ending: AbortSignal): Promise<Run> {
  ending.throwIfAborted();
  await ours.assertReadOnly();
  const runId = newId("run");
  const startTime = clock.now();
  const comparison = openComparison({ ...patience, now: startTime });
  let [statementLines, refunds, corrections, found] = [0n, 0n, 0n, 0];
  for await (const lines of theirs.statement()) {
    ending.throwIfAborted();
    comparison.statement(lines);
    statementLines += BigInt(lines.length);
  }
  for await (const rows of theirs.corrections()) {
    ending.throwIfAborted();
    comparison.corrections(rows);
    corrections += BigInt(rows.length);
  }
  for await (const page of ours.refunds()) {
    ending.throwIfAborted();
    found += await store.keep(comparison.refunds(page), runId);
    refunds += BigInt(page.filter(({ createTime }) => createTime).length);
  }
  found += await store.keep(comparison.rest(), runId);
  const gone = await store.sweep(runId);
  const open = await store.countOpen();
  const done = { runId, startTime, endTime: clock.now(), statementLines, refunds, corrections, found, gone, open };
  log[open > 0 ? "warn" : "info"]({ ...counts(done), run_id: runId }, "books compared");
  return done;
}

/** As a log can say them: JSON has no bigint. */
function counts({ statementLines, refunds, corrections, found, gone, open }: Run) {
  const read = { statement_lines: Number(statementLines), refunds: Number(refunds), corrections: Number(corrections) };
  return { ...read, found, gone, open };
}
