// What this service writes over when somebody is to be forgotten: what was noted of their goods in quarantine. All other
// words go with the keys of their requests; hashes, verdicts and amounts stay.
import type { Forgetting } from "#kit/erasing.js";

export const forgetting: Forgetting = {
  subjects: ({ resolutionIds }) => resolutionIds,
  statements: [
    {
      name: "forget.inspection",
      text: `UPDATE inspection SET version = version + 1 WHERE resolution_id = ANY($2::text[]) AND $1::text <> ''`,
    },
    {
      name: "forget.quarantined",
      text: `UPDATE quarantined SET note = '', version = quarantined.version + 1 FROM inspection i
        WHERE i.inspection_id = quarantined.inspection_id AND i.resolution_id = ANY($2::text[])
          AND quarantined.note <> '' AND $1::text <> ''`,
    },
  ],
};
