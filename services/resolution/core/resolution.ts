// All that a resolution knows, by who brings it. Each is one function: rpcs, events and steps are only doors to them.
export * from "./answers.js";
export * from "./cancellation.js";
export * from "./disputes.js";
export * from "./due.js";
export * from "./exchange.js";
export * from "./facts.js";
export * from "./guaranteed.js";
export * from "./handOverProof.js";
export * from "./handover.js";
export * from "./lateGoods.js";
export * from "./parcels.js";
export * from "./request.js";
export * from "./unasked.js";
export * from "./verbs.js";
