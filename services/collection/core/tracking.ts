// What carriers report, in any order and any number of times, and the state that follows from it. The state is a
// function of what was reported, not of the order in which it came:
//  1. a carrier has, had or lost the goods: the highest-ranking scan;
//  2. else, called off: CANCELED;
//  3. else, as many failed attempts of the carrier's own making as allowed: DIRECTION_FAILED;
//  4. else, the latest news by the time it happened, where a carrier's notice after a failed attempt is REPLANNED.
import { callOff, changed, isOpen, moved, outcome, unchanged } from "./collection.js";
import { attemptFailed, delivered, failed, lost, pickedUp } from "./facts.js";
import {
  type Attempt,
  type Collection,
  type CollectionState,
  carrierFaults,
  type News,
  type Notice,
  notices,
  type Outcome,
  type Report,
  type Scan,
  scans,
} from "./types.js";

/** What a report comes to; `applied` is false when it only enters the record. */
export type Reported = Outcome & { readonly applied: boolean };

/** Takes a report in. Older than the state, or of a collection that has ended, it changes nothing. */
export function report(before: Collection, said: Report, now: Date): Reported {
  const time = businessTime(said.time, before.createTime, now);
  const taken = isScan(said.kind)
    ? scanned(before, said.kind, said, time, now)
    : noticed(before, said.kind, said, time, now);
  return taken ? { ...taken, applied: true } : { ...unchanged(before), applied: false };
}

/**
 * A scan. It also moves what was called off or given up: the driver came after all, and goods in a carrier's hands must
 * be followed to the warehouse, whatever we wanted before. Refused here they would travel unseen, refunded by nobody.
 */
function scanned(before: Collection, scan: Scan, { code }: Report, time: Date, now: Date): Outcome | undefined {
  if (rank(scan) <= rank(before.state)) return undefined;
  const first = before.handOverTime === undefined;
  const success: Attempt = { number: before.attempts.length + 1, outcome: "SUCCEEDED", fault: undefined, code, time };
  const next: Collection = {
    ...moved(before, scan, now),
    attempts: first ? [...before.attempts, success] : before.attempts,
    handOverTime: before.handOverTime ?? time,
    deliverTime: scan === "DELIVERED" ? time : before.deliverTime,
  };
  // The scan at the door may be late or missing; whoever waits for the hand-over hears of it now.
  const facts = first ? [pickedUp(next, time)] : [];
  if (scan === "DELIVERED") facts.push(delivered(next, time));
  if (scan === "LOST") facts.push(lost(next, time));
  return outcome(next, { facts, dropped: ["cancel-booking"] });
}

/** News before the hand-over. A failed attempt counts even when it is told late. */
function noticed(before: Collection, kind: Notice, said: Report, time: Date, now: Date): Outcome | undefined {
  if (!isOpen(before.state)) return undefined;
  const news = later(before.news, { kind, time });
  if (kind !== "ATTEMPT_FAILED") {
    if (news === before.news) return undefined;
    return outcome({ ...become(before, stateBy(news, before.attempts), now), news });
  }
  const { code, fault = "GENERAL" } = said;
  const failure: Attempt = { number: before.attempts.length + 1, outcome: "FAILED", fault, code, time };
  const attempts = [...before.attempts, failure];
  const fact = attemptFailed(before, failure);
  const counted = attempts.filter((a) => carrierFaults.has(a.fault)).length;
  if (counted < before.maxAttempts) {
    return outcome({ ...become(before, stateBy(news, attempts), now), attempts, news }, { facts: [fact] });
  }
  const next = { ...moved(before, "DIRECTION_FAILED", now), attempts, news };
  const reason = `${counted} of ${before.maxAttempts} attempts failed, the last with ${code || fault}`;
  return outcome(next, {
    facts: [fact, failed(next, reason, now)],
    todo: before.booking ? callOff(before.booking) : [],
  });
}

function stateBy(news: News, attempts: readonly Attempt[]): CollectionState {
  const again = news.kind === "CARRIER_NOTIFIED" && attempts.some((a) => a.time <= news.time);
  return again ? "REPLANNED" : news.kind;
}

/** The later of the two, by the time it happened; at the same time, by what usually follows what. */
function later(known: News | undefined, told: News): News {
  if (!known) return told;
  const ms = told.time.getTime() - known.time.getTime();
  return ms > 0 || (ms === 0 && order(told) > order(known)) ? told : known;
}

function order({ kind }: News): number {
  return kind === "CUSTOMER_RESCHEDULED" ? notices.length : notices.indexOf(kind);
}

function become(before: Collection, state: CollectionState, now: Date): Collection {
  return state === before.state ? changed(before, now) : moved(before, state, now);
}

/**
 * A carrier's clock as far as we believe it: legal clocks start by it, so nothing happens before it was asked for, nor
 * after we heard of it.
 */
function businessTime(told: Date | undefined, earliest: Date, now: Date): Date {
  if (!told || told > now) return now;
  return told < earliest ? earliest : told;
}

function isScan(kind: Notice | Scan): kind is Scan {
  return (scans as readonly string[]).includes(kind);
}

function rank(state: CollectionState): number {
  return (scans as readonly string[]).indexOf(state);
}
