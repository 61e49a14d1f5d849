// What goes wrong, and how often: drawn once per seed, so that some stories are calm and some have one kind of trouble
// only. After the storm everything works, and then everything must settle.
import type { Schedule } from "./schedule.js";

/** Kinds of faults, with how many times in a thousand each strikes where it is at its worst. */
export const faults = {
  /** A call never arrives; its caller learns after five seconds that nobody answered. */
  "request lost": 30,
  /** It was done, and the answer never came. */
  "answer lost": 60,
  "request twice": 40,
  /** A copy arrives minutes later, when its caller has long gone on. */
  "request late": 20,
  /** A statement that was or was not done: its process cannot tell. */
  "store lost": 10,
  /** A process is gone: what was in it, and what it waited for. */
  crash: 4,
  "fact twice": 150,
  /** A fact is on its way for hours. */
  "fact late": 60,
  /** A partner is away for minutes, up to half a day. */
  "partner away": 2,
  /** A worker is so slow that its lease ends while it works. */
  "worker slow": 15,
} as const;

export type FaultKind = keyof typeof faults;
export const faultKinds = Object.keys(faults) as FaultKind[];

export type Weather = {
  /** Whether this kind strikes here and now. */
  strikes(kind: FaultKind): boolean;
  /** How often each kind has struck. */
  readonly struck: ReadonlyMap<FaultKind, number>;
};

/** @param without kinds that this story goes without; @param calmMs when the storm is over */
export function openWeather(schedule: Schedule, without: readonly string[], calmMs: number): Weather {
  const drawn = schedule.chance("weather");
  const rates = new Map(
    faultKinds.map((kind) => [kind, drawn.percent(60) ? (faults[kind] * drawn.between(1, 10)) / 10 : 0]),
  );
  const struck = new Map<FaultKind, number>(faultKinds.map((kind) => [kind, 0]));
  return {
    struck,
    strikes: (kind) => {
      if (without.includes(kind) || schedule.now() >= calmMs) return false;
      if (schedule.chance(`weather/${kind}`).below(10_000) >= (rates.get(kind) ?? 0) * 10) return false;
      struck.set(kind, (struck.get(kind) ?? 0) + 1);
      return true;
    },
  };
}
