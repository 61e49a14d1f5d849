// What this service writes over when somebody is to be forgotten: where their door is. How to get in and what drivers wrote
// goes with the key.
import type { Forgetting } from "#kit/erasing.js";

export const forgetting: Forgetting = {
  subjects: ({ customerId }) => [customerId],
  statements: [
    {
      name: "forget.collection",
      text: `UPDATE collection SET version = version + 1 WHERE customer_id = $1 AND $2::text[] IS NOT NULL`,
    },
    {
      name: "forget.visit",
      text: `UPDATE visit SET address_key = '' WHERE customer_id = $1 AND closed AND $2::text[] IS NOT NULL`,
    },
    {
      name: "forget.route",
      text: `UPDATE collection_route SET postcode = '' FROM collection c
        WHERE c.collection_id = collection_route.collection_id AND c.customer_id = $1 AND $2::text[] IS NOT NULL`,
    },
  ],
};
