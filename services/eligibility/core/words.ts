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
  "SWAP_AT_DOOR",
  "NONE",
] as const;
export type CollectionMethod = (typeof collectionMethods)[number];

export const outcomes = ["REFUND", "STORE_CREDIT", "EXCHANGE", "REPLACEMENT", "KEEP", "REPAIR"] as const;
export type Outcome = (typeof outcomes)[number];

/** From the least to the most careful. */
export const verifications = ["NONE", "OTP", "IN_PERSON"] as const;
export type Verification = (typeof verifications)[number];

/** Whether somebody or something asked about stands on a list; BLOCKED where it stands on both. */
export const listings = ["NONE", "ALLOWED", "BLOCKED"] as const;
export type Listing = (typeof listings)[number];

/** Who sends the goods, and from where. */
export const fulfilments = ["OWN", "SELLER", "DIRECT"] as const;
