// What of a refund is no longer needed once its market's time is over: the words. The books stay.
import { daysOf, type Rule, unworded, worded } from "#kit/retention.js";

const columns = {
  reason: "text",
  quote: "jsonb",
  differences: "jsonb",
  tenders: "jsonb",
  twins: "jsonb",
  recovery: "jsonb",
} as const;

export const retention: readonly Rule[] = [
  {
    name: "refund.words",
    clock: "business",
    past: {
      table: "refund",
      where: `settle_time < $1::timestamptz - ${daysOf("market")} AND ${worded(...Object.keys(columns))}`,
    },
    set: `${unworded(columns)}, version = version + 1`,
  },
];
