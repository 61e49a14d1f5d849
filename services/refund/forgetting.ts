// What this service forgets of somebody: words alone, with their key. Amounts, ids and the ledger are books, and stay.
import type { Forgetting } from "#kit/erasing.js";

export const forgetting: Forgetting = {
  subjects: ({ customerId }) => [customerId],
  statements: [
    {
      name: "forget.refund",
      text: `UPDATE refund SET version = version + 1 WHERE customer_id = $1 AND $2::text[] IS NOT NULL`,
    },
  ],
};
