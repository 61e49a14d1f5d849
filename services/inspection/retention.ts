// What of an inspection is no longer needed once its market's time is over: the words. Verdicts, amounts and hashes stay.
import { daysOf, type Rule } from "#kit/retention.js";

export const retention: readonly Rule[] = [
  {
    // The custody chain is never changed, so its words can only go with their key, and all others of the request with them.
    name: "inspection.keys",
    clock: "business",
    past: {
      table: "subject_key",
      where: `destroy_time IS NULL AND EXISTS (SELECT FROM inspection i WHERE i.resolution_id = subject_key.subject
        AND i.complete_time < $1::timestamptz - ${daysOf("i.market")})`,
    },
    set: "wrapped = NULL, destroy_time = now()",
  },
  {
    name: "quarantined.words",
    clock: "business",
    past: {
      table: "quarantined",
      where: `note <> '' AND decide_time < $1::timestamptz - interval '3 years'`,
    },
    set: "note = '', version = version + 1",
  },
];
