// The slots of a driver's day: two windows on every business day of the market.
import {
  addDays,
  type Calendar,
  covers,
  endOfLocalDay,
  isBusinessDay,
  type LocalDate,
  localDate,
  weekdayOf,
} from "#kit/pure/calendar.js";

/** A place in a driver's day. */
export type Slot = { readonly slotId: string; readonly startTime: Date; readonly endTime: Date };

const windows = [
  { name: "0912", from: 9, to: 12 },
  { name: "1217", from: 12, to: 17 },
] as const;
const grammar = /^slt_(\d{4}-\d\d-\d\d)_(\d{4})$/;
const hourMs = 3_600_000;
/** Drivers plan so far ahead. */
const offeredDays = 5;
/** The longest run of days without a driver that we search through. */
const longestRest = 30;

/** The slots still to come on the next five business days that have one, earliest first. */
export function slotsFrom(calendar: Calendar, now: Date): Slot[] {
  const slots: Slot[] = [];
  let days = 0;
  for (const date of daysFrom(calendar, now)) {
    const left = slotsOn(calendar, date).filter((slot) => slot.startTime > now);
    slots.push(...left);
    if (left.length > 0 && ++days === offeredDays) break;
  }
  return slots;
}

/** The slot in which a driver who is due then comes: the one under way, or the next. */
export function slotAt(calendar: Calendar, due: Date): Slot | undefined {
  for (const date of daysFrom(calendar, due)) {
    const slot = slotsOn(calendar, date).find(({ endTime }) => endTime > due);
    if (slot) return slot;
  }
  return undefined;
}

/** The slot of this id; undefined when it has begun, or no driver works then. */
export function slotOf(calendar: Calendar, slotId: string, now: Date): Slot | undefined {
  const date = grammar.exec(slotId)?.[1];
  if (date === undefined || date < localDate(now, calendar.timeZone)) return undefined;
  return slotsFrom(calendar, now).find((slot) => slot.slotId === slotId);
}

function* daysFrom(calendar: Calendar, from: Date): Generator<LocalDate> {
  let date = localDate(from, calendar.timeZone);
  for (let i = 0; i < longestRest; i++, date = addDays(date, 1)) if (works(calendar, date)) yield date;
}

/** Beyond what the calendar knows drivers work on weekdays. */
function works(calendar: Calendar, date: LocalDate): boolean {
  return covers(calendar, date) ? isBusinessDay(calendar, date) : !calendar.weekend.includes(weekdayOf(date));
}

function slotsOn(calendar: Calendar, date: LocalDate): Slot[] {
  const midnight = endOfLocalDay(addDays(date, -1), calendar.timeZone).getTime();
  return windows.map(({ name, from, to }) => ({
    slotId: `slt_${date}_${name}`,
    startTime: new Date(midnight + from * hourMs),
    endTime: new Date(midnight + to * hourMs),
  }));
}
