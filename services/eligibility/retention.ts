// What of decisions and lists is no longer needed once its market's time is over: the words of staff. What was decided, and
// who was on a list, stays.
import { daysOf, type Rule, unworded, worded } from "#kit/retention.js";

export const retention: readonly Rule[] = [
  {
    // A decision is never changed, so its words can only go with their key.
    name: "decision.keys",
    clock: "business",
    past: {
      table: "subject_key",
      where: `destroy_time IS NULL AND EXISTS (SELECT FROM decision d WHERE d.decision_id = subject_key.subject
        AND d.create_time < $1::timestamptz - ${daysOf("d.market")})`,
    },
    set: "wrapped = NULL, destroy_time = now()",
  },
  {
    name: "list_entry.words",
    clock: "business",
    past: { table: "list_entry", where: `end_time < $1::timestamptz - ${daysOf("market")} AND ${worded("reason")}` },
    set: `${unworded({ reason: "text" })}, version = version + 1`,
  },
];
