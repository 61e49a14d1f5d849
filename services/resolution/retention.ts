// What of a request is no longer needed once its market's time is over: the words. That it was, and how it ended, stays.
import { daysOf, type Rule, unworded, worded } from "#kit/retention.js";
import { inClear } from "./forgetting.js";

const aDay = "interval '1 day'";
const over = (table: string) => `${table}.close_time < $1::timestamptz - ${daysOf(`${table}.market`)}`;

/** What is still to be read of what stands in clear. */
const readable: Readonly<Record<string, string>> = {
  note: "text <> '[erased]'",
  assignment_entry: "reason NOT IN ('', '[erased]')",
  ticket: "text <> '[erased]' AND state IN ('SOLVED', 'REFUSED')",
  seller_case: `(statement NOT IN ('', '[erased]') OR cardinality(evidence) > 0
    OR (state = 'SETTLED' AND decided_reason <> '[erased]'))`,
};

export const retention: readonly Rule[] = [
  {
    name: "resolution.words",
    clock: "business",
    past: { table: "resolution", where: `${over("resolution")} AND ${worded("lines", "hold")}` },
    set: `${unworded({ lines: "jsonb", hold: "jsonb" })}, version = version + 1`,
  },
  {
    name: "timeline.words",
    clock: "business",
    past: {
      table: "timeline",
      where: `${worded("text")} AND EXISTS (SELECT FROM resolution r
        WHERE r.resolution_id = timeline.resolution_id AND ${over("r")})`,
    },
    set: unworded({ text: "text" }),
  },
  ...Object.entries(readable).map(([table, words]) => ({
    name: `${table}.words`,
    clock: "business" as const,
    past: {
      table,
      where: `${words} AND EXISTS (SELECT FROM resolution r
        WHERE r.resolution_id = ${table}.resolution_id AND ${over("r")})`,
    },
    ...(inClear[table] && { set: inClear[table] }),
  })),
  {
    name: "contact",
    clock: "business",
    past: {
      table: "contact",
      where: `learn_time IS NOT NULL AND EXISTS (SELECT FROM resolution r WHERE r.order_id = contact.order_id)
        AND NOT EXISTS (SELECT FROM resolution r WHERE r.order_id = contact.order_id
          AND (r.close_time IS NULL OR NOT ${over("r")}))`,
    },
  },
  // What is long over opens nothing: kept a day for whoever asks what became of it.
  {
    name: "guest.code",
    clock: "real",
    past: { table: "guest_code", where: `expire_time < $1::timestamptz - ${aDay}` },
  },
  {
    name: "guest.session",
    clock: "real",
    past: { table: "guest_session", where: `expire_time < $1::timestamptz - ${aDay}` },
  },
  {
    name: "guest.limit",
    clock: "real",
    past: { table: "guest_limit", where: `window_start < $1::timestamptz - ${aDay}` },
  },
];
