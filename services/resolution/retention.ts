// What of a request is no longer needed once its market's time is over: the words. That it was, and how it ended, stays.
import { daysOf, type Rule, unworded, worded } from "#kit/retention.js";

const over = (table: string) => `${table}.close_time < $1::timestamptz - ${daysOf(`${table}.market`)}`;

/** Words of a table about a resolution go when the resolution's do. */
const wordsOf = (table: string, columns: readonly string[], versioned = ""): Rule => ({
  name: `${table}.words`,
  clock: "business",
  past: {
    table,
    where: `${worded(...columns)} AND EXISTS (SELECT FROM resolution r
      WHERE r.resolution_id = ${table}.resolution_id AND ${over("r")})`,
  },
  set: `${unworded(Object.fromEntries(columns.map((column) => [column, "text"])))}${versioned}`,
});
const versioned = ", version = version + 1";

export const retention: readonly Rule[] = [
  {
    name: "resolution.words",
    clock: "business",
    past: { table: "resolution", where: `${over("resolution")} AND ${worded("lines", "hold", "chart")}` },
    set: `${unworded({ lines: "jsonb", hold: "jsonb", chart: "jsonb" })}${versioned}`,
  },
  wordsOf("timeline", ["text"]),
  wordsOf("note", ["text"]),
  wordsOf("assignment_entry", ["reason"]),
  wordsOf("ticket", ["subject", "text", "answer"], versioned),
  wordsOf("seller_case", ["statement", "decided_reason"], versioned),
  {
    // Each row has the reason in its own history.
    name: "bulk.words",
    clock: "business",
    past: { table: "bulk", where: `create_time < $1::timestamptz - interval '90 days' AND ${worded("reason")}` },
    set: unworded({ reason: "text" }),
  },
  // Whoever asks leaves a row, whether there is such an order or not: once it opens nothing it tells nobody anything.
  ...Object.entries({ guest_code: "expire_time", guest_session: "expire_time", guest_limit: "window_start" }).map(
    ([table, time]) => ({
      name: table,
      clock: "real" as const,
      past: { table, where: `${time} < $1::timestamptz - interval '1 day'` },
    }),
  ),
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
