// Two ways to offer a load: so many at a time, each sent when another is answered; or at moments that nothing puts off.
import { percentile } from "../numbers.js";

/** Sends one; resolves with its status. */
export type Act = () => Promise<number>;

/** What came of a load. Times are from the moment an act was due, sent or not, to its answer. */
export type Load = {
  readonly seconds: number;
  readonly good: number;
  /** Turned away: 503 or 429. */
  readonly rejected: number;
  /** Any other answer, or none. */
  readonly other: Readonly<Record<string, number>>;
  readonly goodP50Ms: number;
  readonly goodP99Ms: number;
  readonly rejectedP50Ms: number;
  readonly rejectedP99Ms: number;
  /** How late the 99th of a hundred was sent: the client's own part in the times above. */
  readonly sentLateP99Ms: number;
};

/** So many at a time until they are done. */
export async function closedLoop(acts: Iterator<Act>, inFlight: number): Promise<Load> {
  const book = openBook();
  const lane = async () => {
    for (let { value: act } = acts.next(); act; { value: act } = acts.next()) {
      const at = performance.now();
      book.note(at, at, await act());
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return book.load();
}

/** At random moments, so many a second on average, whether or not anything was answered. Whoever comes late counts it. */
export async function openLoop(acts: Iterator<Act>, perSecond: number): Promise<Load> {
  const book = openBook();
  const open: Promise<void>[] = [];
  for (let due = performance.now(); ; due += (-Math.log(1 - Math.random()) * 1000) / perSecond) {
    const early = due - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    const { value: act } = acts.next();
    if (!act) break;
    const sentAt = performance.now();
    const dueAt = due;
    open.push(act().then((status: number) => book.note(dueAt, sentAt, status)));
  }
  // Until the last was due: what is answered after it was not done in that time.
  const load = book.load();
  await Promise.all(open);
  return { ...book.load(), seconds: load.seconds, good: load.good };
}

function openBook() {
  const begin = performance.now();
  const times = { good: [] as number[], rejected: [] as number[], late: [] as number[] };
  const other: Record<string, number> = {};
  return {
    note: (dueAt: number, sentAt: number, status: number) => {
      const took = performance.now() - dueAt;
      times.late.push(sentAt - dueAt);
      if (status >= 200 && status < 300) times.good.push(took);
      else if (status === 503 || status === 429) times.rejected.push(took);
      else other[status] = (other[status] ?? 0) + 1;
    },
    load: (): Load => ({
      seconds: (performance.now() - begin) / 1000,
      good: times.good.length,
      rejected: times.rejected.length,
      other: { ...other },
      goodP50Ms: percentile(times.good, 0.5),
      goodP99Ms: percentile(times.good, 0.99),
      rejectedP50Ms: percentile(times.rejected, 0.5),
      rejectedP99Ms: percentile(times.rejected, 0.99),
      sentLateP99Ms: percentile(times.late, 0.99),
    }),
  };
}
