// The words a policy speaks: the contract's enums without their prefixes. A test holds them against the contract.

export const kinds = ["CANCELLATION", "RETURN", "EXCHANGE", "CLAIM"] as const;
export type Kind = (typeof kinds)[number];

export const faults = ["CUSTOMER", "SELLER", "PLATFORM", "LOGISTICS", "GENERAL"] as const;
export type Fault = (typeof faults)[number];

export const verdicts = ["ACCEPT", "REVIEW", "DECLINE"] as const;
export type Verdict = (typeof verdicts)[number];

/** From the earliest to the most careful: lines that differ get the last of theirs. */
export const triggers = ["ON_APPROVAL", "ON_PICKUP_SCAN", "ON_RECEIPT", "ON_DEADLINE", "ON_INSPECTION"] as const;
export type Trigger = (typeof triggers)[number];

/** From the earliest to the most careful. */
export const exchangeModes = ["ADVANCE", "CROSS_SHIP", "STANDARD"] as const;
export type ExchangeMode = (typeof exchangeModes)[number];

export const collectionMethods = [
  "PICKUP_CONTACTLESS",
  "PICKUP_IN_PERSON",
  "DROP_OFF_CVS",
  "DROP_OFF_LOCKER",
  "CUSTOMER_SHIPS",
  "NONE",
] as const;
export type CollectionMethod = (typeof collectionMethods)[number];
