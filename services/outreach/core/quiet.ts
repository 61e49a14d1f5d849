// Hours in which a market's customers are left alone.
import { clock } from "./values.js";

/** From and to as minutes of the local day; over midnight where from is later. */
export type Quiet = { readonly from: number; readonly to: number };

const minuteMs = 60_000;
const dayMinutes = 24 * 60;

/** When something that is due may be sent: then, or when the quiet hours end. */
export function afterQuiet(due: Date, quiet: Quiet | undefined, timeZone: string): Date {
  if (!quiet) return due;
  const [hour, minute] = clock(due, timeZone).map(Number) as [number, number];
  const now = hour * 60 + minute;
  const { from, to } = quiet;
  const isQuiet = from < to ? now >= from && now < to : now >= from || now < to;
  if (!isQuiet) return due;
  const left = (to - now + dayMinutes) % dayMinutes;
  // On the minute: seconds of the local clock are those of any.
  return new Date(Math.floor(due.getTime() / minuteMs) * minuteMs + left * minuteMs);
}
