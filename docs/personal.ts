// Where the services keep what is about people, beyond ids: said once, for docs/personal-data.md and the test that looks for
// columns that nobody has thought of.

/** One place where something about people is kept. */
export type Kept = { readonly where: string; readonly what: string; readonly whose: string; readonly how: string };

export const kept: readonly Kept[] = [
  { where: "resolution.resolution.lines", what: "what a customer wrote of a line", whose: "customer", how: "sealed" },
  {
    where: "resolution.resolution.hold",
    what: "what staff wrote, in a step to be tried again",
    whose: "customer",
    how: "sealed",
  },
  {
    where: "resolution.timeline.text",
    what: "what happened, with what staff wrote of it",
    whose: "customer",
    how: "sealed",
  },
  {
    where: "resolution.note, assignment_entry.reason",
    what: "what staff wrote for each other",
    whose: "resolution",
    how: "in clear until it is forgotten",
  },
  {
    where: "resolution.ticket",
    what: "what staff asked another team, and its answer",
    whose: "resolution",
    how: "in clear until it is forgotten",
  },
  {
    where: "resolution.seller_case",
    what: "what a seller answered; ids of photos; the desk's word",
    whose: "resolution",
    how: "in clear until it is forgotten",
  },
  {
    where: "resolution.bulk.asked",
    what: "what staff wrote to many requests at once",
    whose: "-",
    how: "in clear",
  },
  {
    where: "resolution.guest_code, guest_session",
    what: "which customer was a guest of which order",
    whose: "customer",
    how: "ids, for a day; contacts as keyed hashes",
  },
  {
    where: "collection.collection.hand_over",
    what: "how to get in at the door, until the goods are gone",
    whose: "customer",
    how: "sealed",
  },
  {
    where: "collection.tracking_event.evidence",
    what: "what a driver wrote; ids of photos",
    whose: "customer",
    how: "sealed; ids in clear",
  },
  {
    where: "collection.visit.address_key",
    what: "the address partner's key of a door",
    whose: "-",
    how: "in clear, it tells no address",
  },
  {
    where: "collection.collection_route.postcode",
    what: "the postcode that was routed by",
    whose: "-",
    how: "in clear",
  },
  {
    where: "inspection.inspection.findings, recorded",
    what: "what inspectors wrote of units; ids of photos",
    whose: "resolution",
    how: "sealed; ids in clear",
  },
  {
    where: "inspection.inspection.disputes",
    what: "what customers, sellers and staff wrote",
    whose: "resolution",
    how: "sealed",
  },
  {
    where: "inspection.custody_entry.note",
    what: "what was seen; its hash stays in the chain",
    whose: "resolution",
    how: "sealed",
  },
  {
    where: "inspection.quarantined.note",
    what: "what stands on a parcel that nobody expects",
    whose: "-",
    how: "in clear: nobody knows whose it is",
  },
  {
    where: "refund.refund.reason, quote, differences",
    what: "what was written of goodwill and deductions",
    whose: "customer",
    how: "sealed",
  },
  {
    where: "refund.refund.tenders, recovery",
    what: "why a share was declined, or money asked back",
    whose: "customer",
    how: "sealed",
  },
  {
    where: "refund: account number, holder",
    what: "where a refund is paid to",
    whose: "-",
    how: "passed on; the provider's token is kept",
  },
  {
    where: "eligibility.decision.body",
    what: "why staff decided otherwise, in their words",
    whose: "-",
    how: "in clear",
  },
  {
    where: "eligibility.list_entry.reason",
    what: "why a customer is on a list",
    whose: "-",
    how: "in clear, while the entry holds",
  },
  {
    where: "*.request.response",
    what: "the answer to a call, if it tells any of this",
    whose: "as its record",
    how: "sealed",
  },
  { where: "*.agenda.payload", what: "what a step takes along of it", whose: "as its record", how: "sealed" },
  { where: "*.outbox.body, dead_letter.body, streams", what: "facts", whose: "-", how: "never in them" },
  { where: "partners.*", what: "the sandbox's invented people", whose: "-", how: "not for people's data" },
];
