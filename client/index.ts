// @backhaul/client: the mesh for callers inside the house.
export { type Backhaul, createBackhaul, type Home } from "./backhaul.js";
export * from "./errors.js";
export type { BackhaulOptions, CallOptions, CallReport, TlsOptions, Token, WatchOptions } from "./options.js";
export type { RetryPolicy } from "./retry.js";
