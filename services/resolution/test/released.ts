// Resolutions as version 1 of the statechart stored them: charts to the letter, the rest built.
import { contextOf } from "../core/context.js";
import type { Chart, Kind, Resolution, Terms } from "../core/types.js";
import { requested } from "./builders.js";

/** Where a stored chart stands. */
type Standing = { goods: string; money: string; stock: string } | "PENDING_REVIEW" | "AUTO_WITHDRAWN";

/** A resolution that version 1 left here. @param context what it had come to by then */
export function stored(kind: Kind, standing: Standing, context: object = {}, change: Partial<Terms> = {}): Resolution {
  const { next } = requested(kind, change);
  const open = typeof standing !== "string";
  const chart: Chart = {
    machine: "resolution/1",
    value: open ? { OPEN: standing } : standing,
    context: { ...contextOf(kind, next.terms), ...context },
  };
  const row = {
    ...next,
    chart,
    state: open ? ("OPEN" as const) : standing,
    tracks: open ? (standing as Resolution["tracks"]) : undefined,
    deadlines: [],
  };
  // A row of before has none of what came later.
  return JSON.parse(
    JSON.stringify(row, (_, value) => (typeof value === "bigint" ? undefined : value)),
    revive,
  );
}

function revive(key: string, value: unknown): unknown {
  if (key === "createTime" || key === "updateTime" || key === "windowEnd") return new Date(value as string);
  return value;
}
