// Parcels of which nothing is heard. Each is looked at when it was silent for long enough: its carrier is asked, then a
// person is called (STALLED), then it is presumed lost, which a person settles. Any news begins anew.
import { changed, outcome, unchanged } from "./change.js";
import { presumedLost, stalled } from "./facts.js";
import { isFetched, otherCarrier } from "./methods.js";
import type { Collection, Outcome, Silence, Todo } from "./types.js";

/** Days of silence in one market until the carrier is asked, a person is called, and the parcel is presumed lost. */
export type DwellLimits = { readonly askDays: number; readonly stallDays: number; readonly presumeLostDays: number };

const dayMs = 86_400_000;
const over: ReadonlySet<string> = new Set(["DELIVERED", "LOST", "DIRECTION_FAILED", "CANCELED"]);

/** Whether a carrier should be heard of: it has the goods or is to come for them. What a customer brings, waits for them. */
export function isWatched({ state, booking, method, handOverTime, presumeLostTime }: Collection): boolean {
  if (!booking || presumeLostTime || over.has(state)) return false;
  // Nothing is ever heard of a carrier that is not on file: only its silence can call a person.
  return handOverTime !== undefined || isFetched(method) || booking.carrier === otherCarrier;
}

/** The first look at a parcel. What is due then depends on its market, so it comes early and plans the next itself. */
export function firstLook({ slot }: Collection, now: Date): Todo {
  return { step: "watch", due: daysAfter(latest(now, slot?.endTime), 1), payload: {} };
}

/** Whether nothing was heard for so long that the carrier should be asked. `heard`: when its last report came in. */
export function isSilent(collection: Collection, heard: Date | undefined, limits: DwellLimits, now: Date): boolean {
  return isWatched(collection) && now >= daysAfter(silentSince(collection, heard), limits.askDays);
}

/**
 * A look at a parcel, after its carrier was asked if it is silent. One look calls nobody who was not asked for at a look
 * before: when the clock leaps, or we were away, reports may be on their way still.
 */
export function look(
  before: Collection,
  { heard, silence }: { heard: Date | undefined; silence: Partial<Silence> },
  limits: DwellLimits,
  now: Date,
): Outcome {
  if (!isWatched(before)) return unchanged(before);
  const since = silentSince(before, heard);
  if (!isSilent(before, heard, limits, now)) {
    return again(before, { since, asks: 0 }, daysAfter(since, limits.askDays));
  }
  const asks = silence.since === since.toISOString() ? (silence.asks ?? 0) : 0;
  const stallDue = daysAfter(since, limits.stallDays);
  const lostDue = daysAfter(since, limits.presumeLostDays);
  // As often as it takes to be silent, and when the next limit is reached.
  const askDue = daysAfter(now, limits.askDays);
  const next = [stallDue, lostDue, askDue].filter((due) => due > now).reduce(earliest);
  const asked = { since, asks: asks + 1 };
  if (asks === 0) return again(before, asked, next);
  if (!before.stallTime && now >= stallDue) {
    const found = { ...before, version: before.version + 1, stallTime: now, stalls: before.stalls + 1 };
    return again(found, asked, next, [stalled(found, since, now)]);
  }
  if (before.stallTime && before.handOverTime && now >= lostDue) {
    const gone = { ...before, version: before.version + 1, presumeLostTime: now };
    return outcome(gone, { facts: [presumedLost(gone, since, now)] });
  }
  return again(before, asked, next);
}

/** News of a silent parcel: it is no longer stalled, and is watched if it was not any more. */
export function heardOf(before: Collection, { next, facts, todo, dropped }: Outcome, now: Date): Outcome {
  const silent = next.stallTime !== undefined || next.presumeLostTime !== undefined;
  const named = next === before ? changed(before, now) : next;
  const told = silent ? { ...named, stallTime: undefined, presumeLostTime: undefined } : next;
  const [was, is] = [isWatched(before), isWatched(told)];
  return {
    next: told,
    facts,
    todo: is && !was ? [...todo, firstLook(told, now)] : todo,
    dropped: is === was ? dropped : [...dropped, "watch"],
  };
}

function again(
  next: Collection,
  { since, asks }: { since: Date; asks: number },
  due: Date,
  facts: Outcome["facts"] = [],
): Outcome {
  return outcome(next, { facts, todo: [{ step: "watch", due, payload: { since: since.toISOString(), asks } }] });
}

/** Before the hand-over nobody is late before the visit that was agreed. */
function silentSince({ updateTime, handOverTime, slot, attempts }: Collection, heard: Date | undefined): Date {
  const known = latest(updateTime, heard);
  return handOverTime ? known : latest(latest(known, slot?.endTime), attempts.at(-1)?.nextAttemptTime);
}

function latest(one: Date, other: Date | undefined): Date {
  return other && other > one ? other : one;
}

function earliest(one: Date, other: Date): Date {
  return other < one ? other : one;
}

function daysAfter(time: Date, days: number): Date {
  return new Date(time.getTime() + days * dayMs);
}
