// Who calls whom inside the mesh, over gRPC. A service lets in the certificates of those that stand here and of nobody
// else; one that does not stand here lets in none. A test holds it against the addresses that each process is told.

/** By the service that is called, the names of those that call it. */
export const callersOf: Readonly<Record<string, readonly string[]>> = {
  eligibility: ["gateway", "resolution"],
  resolution: ["gateway", "outreach"],
  collection: ["gateway", "resolution"],
  inspection: ["gateway", "resolution", "collection", "partners"],
  refund: ["gateway", "resolution", "partners"],
  reconciler: ["gateway"],
  outreach: ["gateway", "resolution"],
  // The outside systems, all in one; an adapter in the place of one has the callers of its contract.
  partners: ["eligibility", "resolution", "collection", "inspection", "refund", "reconciler", "outreach"],
  payment: ["resolution", "refund", "reconciler"],
};
