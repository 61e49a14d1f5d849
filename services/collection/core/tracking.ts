// What carriers report, in any order and any number of times, and the state that follows from it. The state is a
// function of what was reported, not of the order in which it came:
//  1. a carrier has, had or lost the goods: the highest-ranking scan, or what follows from several parcels' (parcels.ts);
//  2. else, called off: CANCELED;
//  3. else, as many failed attempts of the carrier's own making as allowed: DIRECTION_FAILED;
//  4. else, the latest news by the time it happened, where a carrier's notice after a failed attempt is REPLANNED.
import { changed, moved, outcome } from "./change.js";
import { callOff, isOpen } from "./collection.js";
import { heardOf } from "./dwell.js";
import { attemptFailed, codeUnknown, delivered, failed, furtherPickedUp, lost, pickedUp } from "./facts.js";
import { forgotten, proofOf } from "./handOver.js";
import { handOverUnverified } from "./handOverFacts.js";
import { bookingIds, isScan, lastDelivery, parcelsOf, placeOf, rank, stateOf } from "./parcels.js";
import {
  type Aside,
  type Attempt,
  type Collection,
  type CollectionFact,
  type CollectionState,
  carrierFaults,
  type Fault,
  type News,
  type Notice,
  notices,
  type Outcome,
  type Parcel,
  type Report,
  type Scan,
} from "./types.js";

/** What a report comes to; `applied` is false when it only enters the record. */
export type Reported = Outcome & { readonly applied: boolean };

/**
 * Takes a report in. Older than the state, of a collection that has ended, or in words unknown, it moves nothing.
 * @param first whether the parcel was this collection's before others' goods went in it
 */
export function report(before: Collection, said: Report, now: Date, first = true): Reported {
  const time = businessTime(said.time, before.createTime, now);
  // A carrier that repeats itself may speak of visits that were over when this one joined.
  const meant = first || !said.time || said.time >= before.createTime;
  const taken = said.kind && (meant || isScan(said.kind)) && read(before, said.kind, said, time, now);
  const told = taken || outcome(before, { facts: setAside(before, said, time) });
  return { ...heardOf(before, told, now), applied: Boolean(taken) };
}

function read(before: Collection, kind: Notice | Scan, said: Report, time: Date, now: Date): Outcome | undefined {
  return isScan(kind) ? scanned(before, kind, said, time, now) : noticed(before, kind, said, time, now);
}

/** What nobody can act on by the code alone is announced; that something takes longer is not. */
function setAside(before: Collection, said: Report, time: Date): CollectionFact[] {
  if (!said.aside || said.aside === "NO_PLACE") return [];
  return [codeUnknown(before, said, asideReasons[said.aside], time)];
}

const asideReasons: Readonly<Record<Exclude<Aside, "NO_PLACE">, string>> = {
  NEEDS_A_PERSON: "it turns the parcel back, calls it off or damages it: a person must look",
  UNCLEAR: "its source reads it two ways, or not at all",
  NOT_OURS: "it is not about a parcel's way",
  UNKNOWN: "not in the reporter's vocabulary",
};

/**
 * A scan. It also moves what was called off or given up: the driver came after all, and goods in a carrier's hands must
 * be followed to the warehouse, whatever we wanted before. Refused here they would travel unseen, refunded by nobody.
 */
function scanned(before: Collection, scan: Scan, said: Report, time: Date, now: Date): Outcome | undefined {
  const parcels = parcelsOf(before);
  const place = placeOf(before, said.trackingNumber);
  const parcel = parcels[place];
  if (!parcel || rank(scan) <= rank(parcel.scan)) return undefined;
  const told: Parcel = {
    ...parcel,
    scan,
    handOverTime: parcel.handOverTime ?? time,
    deliverTime: scan === "DELIVERED" ? time : parcel.deliverTime,
  };
  const all = parcels.map((one, i) => (i === place ? told : one));
  const state = stateOf(all) ?? scan;
  const first = before.handOverTime === undefined;
  const success: Attempt = { ...attempt(before, said, time), outcome: "SUCCEEDED", fault: undefined };
  const next: Collection = {
    ...become(before, state, now),
    attempts: first ? [...before.attempts, success] : before.attempts,
    handOverTime: before.handOverTime ?? time,
    deliverTime: state === "DELIVERED" ? lastDelivery(all) : before.deliverTime,
    parcels: before.parcels.length === 0 ? [] : all,
    handOver: forgotten(before.handOver),
  };
  // The scan at the door may be late or missing; whoever waits for the hand-over hears of it now.
  const facts = first ? [pickedUp(next, told, time)] : [];
  if (!first && parcel.scan === undefined) facts.push(furtherPickedUp(next, told, time));
  if (first && proofOf(next) === "MISSING") facts.push(handOverUnverified(next, told, time));
  if (scan === "DELIVERED") facts.push(delivered(next, told, time));
  if (scan === "LOST") facts.push(lost(next, told, time));
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
  const same = toldOfAnother(before, said, fault, time);
  if (same) {
    const attempts = before.attempts.map((one) => (one === same ? alsoOf(same, said.trackingNumber, time) : one));
    return outcome({ ...become(before, stateBy(news, attempts), now), attempts, news });
  }
  const { nextAttemptTime } = said;
  const failure: Attempt = { ...attempt(before, said, time), outcome: "FAILED", fault, nextAttemptTime };
  const attempts = [...before.attempts, failure];
  const fact = attemptFailed(before, failure);
  const counted = attempts.filter((a) => carrierFaults.has(a.fault)).length;
  if (counted < before.maxAttempts) {
    return outcome({ ...become(before, stateBy(news, attempts), now), attempts, news }, { facts: [fact] });
  }
  const next = { ...moved(before, "DIRECTION_FAILED", now), attempts, news };
  const reason = `${counted} of ${before.maxAttempts} attempts failed, the last with ${code || fault}`;
  return outcome(next, { facts: [fact, failed(next, reason, now)], todo: bookingIds(before).flatMap(callOff) });
}

const hourMs = 3_600_000;

/**
 * The attempt that this report tells of for another parcel. A driver who leaves without three parcels failed once, though
 * each is reported: those of one hour and one cause are one visit.
 */
function toldOfAnother(before: Collection, said: Report, fault: Fault, time: Date): Attempt | undefined {
  if (before.parcels.length === 0) return undefined;
  const hour = (at: Date) => Math.floor(at.getTime() / hourMs);
  return before.attempts.find(
    (one) =>
      one.fault === fault && hour(one.time) === hour(time) && !one.trackingNumbers?.includes(said.trackingNumber),
  );
}

/** It happened when the first of its parcels was told of, whichever was heard first. */
function alsoOf(known: Attempt, trackingNumber: string, time: Date): Attempt {
  const trackingNumbers = [...(known.trackingNumbers ?? []), trackingNumber];
  return { ...known, trackingNumbers, time: time < known.time ? time : known.time };
}

/** The next line of the ledger. */
function attempt(before: Collection, { code, evidence, trackingNumber }: Report, time: Date) {
  const parcels = before.parcels.length === 0 ? {} : { trackingNumbers: [trackingNumber] };
  return { number: before.attempts.length + 1, code, time, evidence, nextAttemptTime: undefined, ...parcels };
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
