// Whose words go when somebody is to be forgotten: why staff decided otherwise about them, and why they are on a list. Each
// decision of staff and each entry has a key of its own; verdicts and entries themselves stay.
import type { Forgetting } from "#kit/erasing.js";

export const forgetting: Forgetting = {
  subjects: () => [],
  found: {
    name: "forget.words",
    text: `SELECT decision_id AS subject FROM decision WHERE customer_id = $1 AND by_staff AND $2::text[] IS NOT NULL
      UNION ALL SELECT list_entry_id FROM list_entry WHERE value = $1 AND subject = 'CUSTOMER'`,
  },
  statements: [
    {
      name: "forget.listEntry",
      text: `UPDATE list_entry SET version = version + 1
        WHERE value = $1 AND subject = 'CUSTOMER' AND $2::text[] IS NOT NULL`,
    },
  ],
};
