// Where a resolution may go and what a track's words are worth, written down once more than in the service: a table of moves
// that somebody breaks there must not be what it is held against here.

/** From a state to others, as the customer sees it. */
export const edges: readonly (readonly [string, ...string[]])[] = [
  ["PENDING_REVIEW", "OPEN", "DECLINED", "WITHDRAWN", "CANCELED"],
  ["OPEN", "CLOSED", "WITHDRAWN", "AUTO_WITHDRAWN", "CANCELED", "DECLINED"],
  ["AUTO_WITHDRAWN", "OPEN"],
  // By staff.
  ["WITHDRAWN", "OPEN", "PENDING_REVIEW"],
  ["CANCELED", "OPEN", "PENDING_REVIEW"],
];

export const ended: readonly string[] = ["DECLINED", "WITHDRAWN", "AUTO_WITHDRAWN", "CANCELED", "CLOSED"];

/** What may still be written to the history of what has ended. */
export const afterTheEnd: readonly string[] = [
  "Closed",
  "Reopened",
  "AttentionRaised",
  "DisputeDecided",
  "DisputePaid",
  "Resumed",
  "StepSkipped",
  "AttentionCleared",
];

/** How far the goods have come. */
export const goodsRanks: Readonly<Record<string, number>> = {
  STOPPING: 1,
  INTERCEPTING: 1,
  ALREADY_SHIPPED: 2,
  COLLECTING: 3,
  IN_TRANSIT: 4,
  RECEIVED: 5,
  INSPECTING: 5,
  INSPECTED: 6,
  RETURNED_TO_CUSTOMER: 6,
  LOST: 6,
};

/** States of a collection in which a carrier has, had or lost the goods. */
export const scanned: readonly string[] = [
  "DROPPED_OFF",
  "PICKED_UP",
  "IN_TRANSIT",
  "OUT_FOR_DELIVERY",
  "LOST",
  "DELIVERED",
];
