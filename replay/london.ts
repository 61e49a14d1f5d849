/**
 * UK wall clock to UTC. Summer time runs from 01:00 UTC on the last Sunday of March to 01:00 UTC on the last Sunday of
 * October (Summer Time Order 2002, SI 2002/262; the same dates since 1998), one hour ahead. Earlier years are not read.
 */

const hourMs = 3_600_000;

/** "2011-03-29 16:40:00" as an instant; undefined when the text is no such date and time. */
export function londonToUtc(text: string): Date | undefined {
  const parts = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  const wall = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  // Date.UTC rolls 31 February into March: a date that does not read back as it was written was none.
  if (year < 1998 || wall.toISOString().slice(0, 19).replace("T", " ") !== text) return undefined;
  // The hour shown twice in October is its first showing; the hour skipped in March counts on from before the change.
  const asSummer = wall.getTime() - hourMs;
  return isSummer(asSummer) ? new Date(asSummer) : wall;
}

function isSummer(utcMs: number): boolean {
  const year = new Date(utcMs).getUTCFullYear();
  return utcMs >= lastSundayAtOne(year, 2) && utcMs < lastSundayAtOne(year, 9);
}

/** `month` counts from 0; both months have 31 days. */
function lastSundayAtOne(year: number, month: number): number {
  const last = new Date(Date.UTC(year, month, 31, 1));
  return last.getTime() - last.getUTCDay() * 24 * hourMs;
}
