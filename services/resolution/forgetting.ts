// What this service writes over when somebody is to be forgotten: what their contacts are looked up by. Their words and
// those about them go with the key.
import type { Forgetting } from "#kit/erasing.js";

export const forgetting: Forgetting = {
  subjects: ({ customerId }) => [customerId],
  statements: [
    {
      name: "forget.resolution",
      text: `UPDATE resolution SET version = version + 1 WHERE customer_id = $1 AND $2::text[] IS NOT NULL`,
    },
    {
      name: "forget.contact",
      text: `UPDATE contact SET phone_hash = NULL, email_hash = NULL, learn_time = coalesce(learn_time, now())
        WHERE customer_id = $1 AND $2::text[] IS NOT NULL`,
    },
  ],
};
