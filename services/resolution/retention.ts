// What of a request is no longer needed once its market's time is over: the words. That it was, and how it ended, stays.
import { daysOf, type Rule, unworded, worded } from "#kit/retention.js";

const aDay = "interval '1 day'";
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
