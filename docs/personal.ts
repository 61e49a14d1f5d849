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
    where: "resolution.resolution.chart",
    what: "why staff hold it back",
    whose: "customer",
    how: "sealed",
  },
  {
    where: "resolution.note.text",
    what: "what staff write to each other, every version",
    whose: "customer",
    how: "sealed",
  },
  {
    where: "resolution.assignment_entry.reason",
    what: "why it was given to somebody else",
    whose: "customer",
    how: "sealed",
  },
  {
    where: "resolution.ticket.subject, text, answer",
    what: "what a ticket says, and what came back",
    whose: "customer",
    how: "sealed; the ticket system has it, too",
  },
  {
    where: "resolution.seller_case.statement, decided_reason",
    what: "what seller and desk wrote",
    whose: "customer",
    how: "sealed",
  },
  {
    where: "resolution.bulk.reason",
    what: "why staff did it to many",
    whose: "the bulk",
    how: "sealed; gone with the first of its customers, or after 90 days",
  },
  {
    where: "resolution.bulk_row.message",
    what: "why a row was refused",
    whose: "-",
    how: "in clear: the system's words",
  },
  {
    where: "resolution.contact.phone_hash, email_hash",
    what: "what customers are found by",
    whose: "-",
    how: "keyed hashes; taken out when they are forgotten",
  },
  {
    where: "resolution.guest_code, guest_limit, request",
    what: "whose code was asked for",
    whose: "-",
    how: "keyed hashes",
  },
  {
    where: "resolution.agenda.payload of a guest's code",
    what: "where the code goes to",
    whose: "-",
    how: "sealed with a key of the settings; gone when it is sent",
  },
  {
    where: "resolution.queue.filter, saved_export.filter",
    what: "what cases are looked for by",
    whose: "-",
    how: "no contact: such a filter is refused",
  },
  {
    where: "resolution.guest_session, guest_code",
    what: "which customer was a guest of which order",
    whose: "customer",
    how: "ids, for a day",
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
    where: "inspection.inspection.disputes, attention",
    what: "what customers, sellers and staff wrote; why a partner refused a step",
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
    whose: "the goods",
    how: "sealed; gone with the customer, once it is known whose they are",
  },
  {
    where: "refund.refund.reason, quote, differences",
    what: "what was written of goodwill and deductions",
    whose: "customer",
    how: "sealed",
  },
  {
    where: "refund.refund.tenders, twins, recovery",
    what: "why a share was declined or a twin refused, or money asked back",
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
    whose: "the decision",
    how: "sealed; gone with its customer",
  },
  {
    where: "eligibility.list_entry.reason",
    what: "why somebody or something is on a list",
    whose: "the entry",
    how: "sealed; gone with the customer it names",
  },
  {
    where: "outreach.notice.values",
    what: "what a customer was told: order, goods, amount, days",
    whose: "-",
    how: "in clear; what staff wrote is read from the resolution",
  },
  {
    where: "outreach.webhook_event.body, attempt.response_head",
    what: "what subscribers were told, and answered",
    whose: "-",
    how: "ids and codes; the answer cut and redacted",
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
