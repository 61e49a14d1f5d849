// The windows of a carrier's days that can still be booked. A slot's id says day and window, e.g. "slt_2026-11-24_0912", so
// two carriers who come at the same time offer the same slot.
import { addDays, type Calendar, endOfLocalDay, type LocalDate, localDate } from "#kit/pure/calendar.js";
import type { CarrierService, Window, Works } from "./network.js";
import { worksOn } from "./workdays.js";

/** A window of one day. */
export type DayWindow = {
  readonly slotId: string;
  readonly date: LocalDate;
  readonly startTime: Date;
  readonly endTime: Date;
};

/** Windows on working days, before their cut-off and not begun, earliest first. Whether a place is left is not looked at. */
export function windowsFrom(service: CarrierService, works: Works, calendar: Calendar, now: Date): DayWindow[] {
  const { windows, cut_off, days_ahead } = service;
  const zone = calendar.timeZone;
  const open: DayWindow[] = [];
  let date = localDate(now, zone);
  for (let i = 0; i < days_ahead; i++, date = addDays(date, 1)) {
    if (!worksOn(works, calendar, date)) continue;
    if (timeOn(addDays(date, -cut_off.days_before), cut_off.time, zone) <= now) continue;
    for (const window of windows) {
      const startTime = timeOn(date, window.from, zone);
      if (startTime > now)
        open.push({ slotId: idOf(date, window), date, startTime, endTime: timeOn(date, window.to, zone) });
    }
  }
  return open.sort((one, other) => one.startTime.getTime() - other.startTime.getTime());
}

/** A time of day, "HH:MM", of a local date. */
export function timeOn(date: LocalDate, time: string, timeZone: string): Date {
  const midnight = endOfLocalDay(addDays(date, -1), timeZone).getTime();
  return new Date(midnight + (Number(time.slice(0, 2)) * 60 + Number(time.slice(3))) * 60_000);
}

function idOf(date: LocalDate, { from, to }: Window): string {
  const onTheHour = from.endsWith(":00") && to.endsWith(":00");
  const part = (time: string) => (onTheHour ? time.slice(0, 2) : time.replace(":", ""));
  return `slt_${date}_${part(from)}${part(to)}`;
}
