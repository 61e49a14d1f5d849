// Whose words go when somebody is to be forgotten: all go with the keys of their requests and of their goods in quarantine;
// hashes, verdicts and amounts stay.
import type { Forgetting } from "#kit/erasing.js";

export const forgetting: Forgetting = {
  subjects: ({ resolutionIds }) => resolutionIds,
  found: {
    name: "forget.quarantine",
    text: `SELECT q.quarantine_id AS subject FROM quarantined q JOIN inspection i USING (inspection_id)
      WHERE i.resolution_id = ANY($2::text[]) AND $1::text <> ''`,
  },
  statements: [
    {
      name: "forget.inspection",
      text: `UPDATE inspection SET version = version + 1 WHERE resolution_id = ANY($2::text[]) AND $1::text <> ''`,
    },
    {
      name: "forget.quarantined",
      text: `UPDATE quarantined SET version = quarantined.version + 1 FROM inspection i
        WHERE i.inspection_id = quarantined.inspection_id AND i.resolution_id = ANY($2::text[])
          AND $1::text <> ''`,
    },
  ],
};
