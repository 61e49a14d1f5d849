/**
 * Dates and the instants at which they end. A date is "yyyy-mm-dd" text and never a Date, so no machine's time zone can
 * shift it; an instant is a Date. Time zones are IANA names and come from Intl.
 */
import { check } from "./check.js";

/** A day of the civil calendar, "yyyy-mm-dd", in the years 0100 to 9999. */
export type LocalDate = string;

const dayMs = 86_400_000;

// The same few thousand days are asked for again and again, so both directions are remembered.
const kept = 20_000;
const numbers = new Map<LocalDate, number>();
const dates = new Map<number, LocalDate>();

function remember<K, V>(memory: Map<K, V>, key: K, value: V): V {
  if (memory.size >= kept) memory.clear();
  memory.set(key, value);
  return value;
}

/** Days since 1970-01-01. @throws DomainError DATE_INVALID for text that is no day of the calendar */
export function dayNumber(date: LocalDate): number {
  const known = numbers.get(date);
  if (known !== undefined) return known;
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(date);
  const ms = parts === null ? Number.NaN : Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]));
  const valid = !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date);
  check(valid, "DATE_INVALID", `"${date}" is not a day written yyyy-mm-dd`, { date });
  return remember(numbers, date, ms / dayMs);
}

/** The date of a day number. @throws RangeError beyond the year 9999 */
export function dateOf(day: number): LocalDate {
  const known = dates.get(day);
  if (known !== undefined) return known;
  const text = new Date(day * dayMs).toISOString();
  if (text.length !== 24) throw new RangeError(`day ${day} has no four-digit year`);
  return remember(dates, day, text.slice(0, 10));
}

/** `days` later, or earlier if negative. @throws DomainError DATE_INVALID */
export function addDays(date: LocalDate, days: number): LocalDate {
  return dateOf(dayNumber(date) + days);
}

/** The same day `months` later, or the last day of a month without such a day. @throws DomainError DATE_INVALID */
export function addMonths(date: LocalDate, months: number): LocalDate {
  const start = new Date(dayNumber(date) * dayMs);
  const [year, month] = [start.getUTCFullYear(), start.getUTCMonth() + months];
  const lastOfMonth = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return dateOf(Date.UTC(year, month, Math.min(start.getUTCDate(), lastOfMonth)) / dayMs);
}

/** 0 = Sunday … 6 = Saturday. @throws DomainError DATE_INVALID */
export function weekdayOf(date: LocalDate): number {
  return (((dayNumber(date) + 4) % 7) + 7) % 7; // day 0 was a Thursday
}

/** Whether Intl knows the IANA name. */
export function isTimeZone(name: string): boolean {
  try {
    offsetMs(name, 0);
    return true;
  } catch {
    return false;
  }
}

/** The local day of an instant. @throws RangeError for an unknown time zone or an invalid Date */
export function localDate(instant: Date, timeZone: string): LocalDate {
  const ms = instant.getTime();
  return dateOf(Math.floor((ms + offsetMs(timeZone, ms)) / dayMs));
}

/**
 * The instant of 24:00 local, that is the first instant of the next local day; right across changes of the clock.
 * @throws RangeError for an unknown time zone; DomainError DATE_INVALID
 */
export function endOfLocalDay(date: LocalDate, timeZone: string): Date {
  const wall = (dayNumber(date) + 1) * dayMs;
  // An offset of the day before and one of the day after: midnight lies under the earlier that reaches it.
  const before = wall - offsetMs(timeZone, wall - dayMs);
  const after = wall - offsetMs(timeZone, wall + dayMs);
  const reaches = (ms: number) => ms + offsetMs(timeZone, ms) >= wall;
  const [first, second] = before <= after ? [before, after] : [after, before];
  return new Date(reaches(first) ? first : second);
}

const formatters = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, Map<number, number>>();

function readOffsetMs(timeZone: string, ms: number): number {
  let formatter = formatters.get(timeZone);
  if (formatter === undefined) {
    const numeric = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" } as const;
    const options = { ...numeric, second: "numeric", hourCycle: "h23", timeZone } as const;
    formatter = new Intl.DateTimeFormat("en-US-u-ca-gregory-nu-latn", options);
    formatters.set(timeZone, formatter);
  }
  const part: Record<string, number> = {};
  for (const { type, value } of formatter.formatToParts(ms)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1000) * 1000;
}

/**
 * Local time minus UTC in ms. Asking Intl costs microseconds and this runs for every deadline, so a UTC day whose both
 * ends have the same offset is remembered as a whole; only the day of a change asks each time.
 */
function offsetMs(timeZone: string, ms: number): number {
  let known = offsets.get(timeZone);
  if (known === undefined) {
    known = new Map();
    offsets.set(timeZone, known);
  }
  const day = Math.floor(ms / dayMs);
  let offset = known.get(day);
  if (offset === undefined) {
    const start = readOffsetMs(timeZone, day * dayMs);
    const end = readOffsetMs(timeZone, (day + 1) * dayMs - 1);
    offset = start === end ? start : Number.NaN;
    remember(known, day, offset);
  }
  return Number.isNaN(offset) ? readOffsetMs(timeZone, ms) : offset;
}
