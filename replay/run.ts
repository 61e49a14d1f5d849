/** A replay from file to report: reads, moves, plays, audits. Called by the replay command, `npm start` and tests. */
import { basename } from "node:path";
import { grantedLines } from "./answers.js";
import { audit, type Before, lookBefore } from "./audit.js";
import { readHistory } from "./history.js";
import { matchHistory } from "./match.js";
import { currency, deliveryRule } from "./plan.js";
import { type PlayOptions, type PlayResult, pace, play } from "./play.js";
import { pricesOf } from "./reckon.js";
import { readRecord } from "./record.js";
import { type Check, type ReplayTally, recordTally, reference } from "./report.js";
import { describeShift, later, shiftOf, startOfDay } from "./shift.js";

export interface RunOptions extends Pick<PlayOptions, "rest" | "sandbox" | "onProgress"> {
  file: string;
  from?: string | undefined;
  to?: string | undefined;
  token: (role: "CUSTOMER" | "OPERATOR" | "FINANCE", subject: string) => Promise<string>;
  /** Where the shift of this part is kept, so that playing it again, or to its end, asks the same at the same times. */
  shifts: { find(part: string): number | undefined; keep(part: string, shiftMs: number): void };
  onRead?: (orders: number, requests: number) => void;
}

/** Throws what the reader throws, and Error when there is nothing to play or the mesh goes away for good. */
export async function runReplay(options: RunOptions): Promise<ReplayTally> {
  const { file, from, to, rest, sandbox, token } = options;
  const history = await readHistory(readRecord(file, { from, to }));
  const { requests, counts } = matchHistory(history);
  const { sales } = history;
  const first = [...sales, ...requests].reduce<Date | undefined>(earlier, undefined);
  if (!first) throw new Error(`${file} has no sales and no cancellations on these days: there is nothing to play`);
  options.onRead?.(sales.length, requests.length);

  const part = [basename(file), from ?? "", to ?? "", sales.length, requests.length].join(":");
  const finance = await token("FINANCE", "replay");
  const before = await lookBefore(sandbox, rest, finance);
  const now = await sandbox.now();
  const kept = options.shifts.find(part);
  const shiftMs = kept !== undefined && isPlayedAt(first, kept, now, before) ? kept : shiftOf(first, now);
  options.shifts.keep(part, shiftMs);
  const startedAt = Date.now();
  const result = await play({
    rest,
    sandbox,
    token,
    sales,
    requests,
    shiftMs,
    ...(options.onProgress && { onProgress: options.onProgress }),
  });
  const seconds = (Date.now() - startedAt) / 1000;

  const prices = pricesOf(sales);
  const findings = await audit(result, prices, before, { sandbox, rest, token: finance });
  const record = recordTally(history.counts, counts);
  const whole = from === undefined && to === undefined && record.lines === reference.lines;
  const wanted = requests.flatMap(({ lines }) => lines);
  return {
    source: basename(file),
    ...(from && { from }),
    ...(to && { to }),
    whole,
    notes: notesOf(first, shiftMs, seconds, result, before),
    record,
    requests: tallyOf(result),
    ends: findings.ends,
    units: {
      requested: sum(wanted.map(({ quantity }) => quantity)),
      accepted: sum(result.played.flatMap(({ answer }) => acceptedUnits(answer))),
      refunded: findings.refundedUnits,
    },
    money: {
      [currency]: {
        // A line that was never bought has no price, so it asks for nothing.
        requestedMinor: wanted.reduce(
          (all, { lineId, quantity }) => all + (prices.get(lineId)?.unitPriceMinor ?? 0n) * BigInt(quantity),
          0n,
        ),
        refundedMinor: findings.refundedMinor,
        feesMinor: findings.feesMinor,
      },
    },
    checks: [...(whole ? [recordCheck(record)] : []), ...findings.checks],
  };
}

/** A kept shift means nothing to a mesh whose data was deleted: it knows no orders, or its clock is not that far. */
function isPlayedAt(first: Date, shiftMs: number, now: Date, { books }: Before): boolean {
  return books.orders > 0 && later(startOfDay(first), shiftMs) <= now;
}

function notesOf(
  first: Date,
  shiftMs: number,
  seconds: number,
  { imported, played }: PlayResult,
  { books }: Before,
): string[] {
  const notes = [
    `${describeShift(first, shiftMs)}.`,
    `${deliveryRule} Parcels are picked up ${pace.pickup} h after booking, travel ${pace.transit} h, and are looked at ${pace.inspection} h after receipt.`,
    `Played in ${seconds.toFixed(1)} s.`,
  ];
  if (imported === 0)
    notes.push("All its orders were known: it was played before, and every request got its first answer again.");
  else if (books.refunds > 0) notes.push(`The provider had made ${books.refunds} refunds before; they are left out.`);
  return played.length > 0 ? notes : [...notes, "These days hold no cancellation that could be sent."];
}

function tallyOf({ played }: PlayResult): ReplayTally["requests"] {
  const tally: ReplayTally["requests"] = { sent: played.length, accepted: 0, declined: {}, refused: {} };
  for (const { answer } of played) {
    if (answer.kind === "accepted") tally.accepted += 1;
    else if (answer.kind === "declined") tally.declined[answer.ruleId] = (tally.declined[answer.ruleId] ?? 0) + 1;
    else if (answer.kind === "refused") tally.refused[answer.reason] = (tally.refused[answer.reason] ?? 0) + 1;
  }
  return tally;
}

function acceptedUnits(answer: PlayResult["played"][number]["answer"]): number[] {
  return answer.kind === "accepted" ? grantedLines(answer.resolution).map(({ quantity }) => quantity) : [];
}

function recordCheck(record: ReplayTally["record"]): Check {
  const wrong = Object.entries(reference).filter(([key, value]) => record[key as keyof typeof record] !== value);
  const { matched, unknown, over } = record;
  const detail = `${matched} lines matched, ${unknown} unknown, ${over} over`;
  return { name: "the record holds what its description says", ok: wrong.length === 0, detail };
}

function earlier(least: Date | undefined, { time }: { time: Date }): Date {
  return least && least <= time ? least : time;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
