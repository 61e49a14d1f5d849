// Finds every return that is asked for, follows it to its end, and writes down when its goods set out, when they are back,
// and when they will not come after all.
import { setTimeout as sleep } from "node:timers/promises";
import { type Backhaul, BackhaulError } from "@backhaul/client";
import { GoodsState, type Resolution, type ResolutionLine } from "@backhaul/client/types/resolution";
import type { Book, What } from "./book.js";

const said: Readonly<Partial<Record<GoodsState, What>>> = {
  [GoodsState.GOODS_STATE_IN_TRANSIT]: "COMING",
  [GoodsState.GOODS_STATE_RECEIVED]: "BACK",
  [GoodsState.GOODS_STATE_INSPECTED]: "BACK",
  [GoodsState.GOODS_STATE_LOST]: "NOT_COMING",
  [GoodsState.GOODS_STATE_RETURNED_TO_CUSTOMER]: "NOT_COMING",
};

/** Lists are looked at a little further back than was seen: one that was asked for first may be listed second. */
const overlapMs = 10 * 60_000;

export type Pace = {
  /** How often to look for new returns. */
  readonly everyMs: number;
  /** How far an empty book looks back. */
  readonly since: Date;
};

/** Goes on until the signal says stop. What passes by itself is said on stderr and tried again at the next look. */
export async function watchReturns(backhaul: Backhaul, book: Book, pace: Pace, signal: AbortSignal): Promise<void> {
  const followed = new Map<string, Promise<void>>();
  const follow = (id: string) =>
    followReturn(backhaul, book, id, signal)
      .catch(complain)
      .finally(() => followed.delete(id));

  while (!signal.aborted) {
    await findReturns(backhaul, book, pace.since, signal).catch(complain);
    for (const id of book.open()) if (!followed.has(id)) followed.set(id, follow(id));
    await sleep(pace.everyMs, undefined, { signal }).catch(() => undefined);
  }
  await Promise.all(followed.values());

  function complain(error: unknown): void {
    if (signal.aborted) return;
    // What will not pass by itself must not be looped over: it ends the process, and is seen.
    if (!(error instanceof BackhaulError && error.retryable)) throw error;
    console.error(error.message);
  }
}

/** Newest first until what is known; written oldest first, so that a crash in between leaves no gap. */
async function findReturns(backhaul: Backhaul, book: Book, since: Date, signal: AbortSignal): Promise<void> {
  const until = (book.newest() ?? since).getTime() - overlapMs;
  const found: Resolution[] = [];
  for await (const one of backhaul.resolution.listResolutions.each({ pageSize: 100 }, { signal })) {
    if ((one.createTime?.getTime() ?? 0) < until) break;
    if (!book.last(one.resolutionId)) found.push(one);
  }
  for (const { resolutionId, createTime, lines } of found.reverse()) {
    const items = unitsOf(lines, ({ quantity }) => quantity);
    book.write({ resolutionId, sequence: 0, what: "ASKED", time: timeOf(createTime), items });
  }
}

/** The stream goes on by itself when the mesh restarts; the book says where we were when we did. */
async function followReturn(backhaul: Backhaul, book: Book, resolutionId: string, signal: AbortSignal): Promise<void> {
  const afterSequence = book.last(resolutionId)?.sequence ?? 0;
  let at = { sequence: afterSequence, time: timeOf(undefined) };
  for await (const { entry } of backhaul.resolution.watchResolution({ resolutionId, afterSequence }, { signal })) {
    if (!entry) continue;
    at = { sequence: Number(entry.sequence), time: timeOf(entry.createTime) };
    const what = said[entry.goods];
    if (!what || what === book.last(resolutionId)?.what) continue;
    const { resolution } = await backhaul.resolution.getResolution({ resolutionId }, { signal });
    const isBack = what === "BACK" && entry.goods === GoodsState.GOODS_STATE_INSPECTED;
    const items = unitsOf(resolution?.lines ?? [], ({ quantity, accepted }) => (isBack ? accepted : quantity));
    book.write({ resolutionId, ...at, what, items });
  }
  book.write({ resolutionId, ...at, what: "DONE", items: {} });
}

function unitsOf(lines: readonly ResolutionLine[], count: (line: ResolutionLine) => number): Record<string, number> {
  const items: Record<string, number> = {};
  for (const line of lines) items[line.sku] = (items[line.sku] ?? 0) + count(line);
  return items;
}

function timeOf(time: Date | undefined): string {
  return (time ?? new Date(0)).toISOString();
}
