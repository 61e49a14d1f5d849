// What of a collection is no longer needed once its market's time is over: what was written, and where the door is.
import { daysOf, type Rule, unworded, worded } from "#kit/retention.js";

const over = `c.update_time < $1::timestamptz - ${daysOf("c.market")}
  AND c.state IN ('DELIVERED', 'LOST', 'DIRECTION_FAILED', 'CANCELED')`;

export const retention: readonly Rule[] = [
  {
    name: "tracking.words",
    clock: "business",
    past: {
      table: "tracking_event",
      where: `${worded("evidence")} AND EXISTS (SELECT FROM collection c
        WHERE c.collection_id = tracking_event.collection_id AND ${over})`,
    },
    set: unworded({ evidence: "jsonb" }),
  },
  {
    name: "route.postcode",
    clock: "business",
    past: {
      table: "collection_route",
      where: `postcode <> '' AND EXISTS (SELECT FROM collection c
        WHERE c.collection_id = collection_route.collection_id AND ${over})`,
    },
    set: "postcode = ''",
  },
];
