// What of a request is no longer needed once its market's time is over: the words. That it was, and how it ended, stays.
import { daysOf, type Rule, unworded, worded } from "#kit/retention.js";

const over = (table: string) => `${table}.close_time < $1::timestamptz - ${daysOf(`${table}.market`)}`;

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
  {
    name: "guest_limit",
    clock: "real",
    // Counted by the hour; anybody may ask, and each has a row.
    past: { table: "guest_limit", where: "window_start < $1::timestamptz - interval '1 day'" },
  },
  {
    name: "guest_code",
    clock: "real",
    past: { table: "guest_code", where: "expire_time < $1::timestamptz - interval '30 days'" },
  },
  {
    name: "guest_session",
    clock: "real",
    // As long as the answer that tells of it is kept.
    past: { table: "guest_session", where: "expire_time < $1::timestamptz - interval '30 days'" },
  },
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
];
