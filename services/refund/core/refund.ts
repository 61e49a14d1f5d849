// The verbs of a refund, all of them.
export * from "./grant.js";
export * from "./recovery.js";
export * from "./verbs.js";
