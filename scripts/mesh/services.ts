// The processes of a mesh: which there are, where they listen unless that port is taken, and whom they call. A service
// that calls another is told its address by a setting, <NAME>_ADDRESS.
import { join } from "node:path";
import { root } from "./places.js";

/** In the order they start: whoever joins the clock needs the sandbox, and the edge comes last. */
export const serviceNames = [
  "partners",
  "eligibility",
  "collection",
  "inspection",
  "refund",
  "resolution",
  "reconciler",
  "outreach",
  "gateway",
] as const;
export type ServiceName = (typeof serviceNames)[number];

/** As in each service's own config.ts; below the ephemeral range, see #kit/local/ports. */
export const defaultPorts: Readonly<Record<ServiceName, number>> = {
  gateway: 8080,
  eligibility: 7051,
  resolution: 7052,
  collection: 7053,
  inspection: 7054,
  refund: 7055,
  reconciler: 7057,
  outreach: 7058,
  partners: 7060,
};

/** The outside systems; in the sandbox one process plays them all. */
export const outsideSystems = [
  "order",
  "shipment",
  "transport",
  "payment",
  "inventory",
  "catalog",
  "warehouse",
  "media",
  "ticket",
  "membership",
  "address",
  "notification",
  "guest_code",
  "risk",
  "calendar",
  "points",
  "promotion",
  "settlement",
  "tax_document",
  "clock",
] as const;

/** What node runs for a service. */
export function mainOf(service: ServiceName): string {
  return service === "gateway" ? join(root, "dist/gateway/main.js") : join(root, "dist/services", service, "main.js");
}
