// Where people's words lie under seal: by service and table, columns that are such a text, and columns of JSON with the names
// under which such texts stand in them. A test holds this list against the services' own.

export type SealedPlace = {
  readonly service: string;
  readonly table: string;
  readonly texts?: readonly string[];
  readonly json?: Readonly<Record<string, readonly string[]>>;
};

export const sealedPlaces: readonly SealedPlace[] = [
  {
    service: "resolution",
    table: "resolution",
    json: { lines: ["note"], hold: ["reason", "note", "reference"], chart: ["reason"] },
  },
  { service: "resolution", table: "timeline", texts: ["text"] },
  { service: "resolution", table: "note", texts: ["text"] },
  { service: "resolution", table: "bulk", texts: ["reason"] },
  { service: "resolution", table: "assignment_entry", texts: ["reason"] },
  { service: "resolution", table: "seller_case", texts: ["statement", "decided_reason"] },
  { service: "resolution", table: "ticket", texts: ["subject", "text", "answer"] },
  { service: "resolution", table: "agenda", json: { payload: ["note", "reference"] } },
  {
    service: "refund",
    table: "refund",
    texts: ["reason"],
    json: {
      quote: ["note"],
      differences: ["reason"],
      tenders: ["failure"],
      twins: ["failure"],
      recovery: ["reason", "reference"],
    },
  },
  { service: "eligibility", table: "list_entry", texts: ["reason"] },
  {
    service: "collection",
    table: "collection",
    json: { hand_over: ["doorMemo"] },
  },
  { service: "collection", table: "tracking_event", json: { evidence: ["note"] } },
  {
    service: "inspection",
    table: "inspection",
    json: { findings: ["note"], recorded: ["note"], attention: ["reason"], disputes: ["statement", "note"] },
  },
  { service: "inspection", table: "custody_entry", texts: ["note"] },
  { service: "inspection", table: "quarantined", texts: ["note"] },
  { service: "inspection", table: "agenda", json: { payload: ["note"] } },
];
