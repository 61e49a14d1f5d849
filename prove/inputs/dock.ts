// Bad input at the dock and the bench. Goods that are there are kept, whoever they belong to.
import { newId } from "#kit/ids.js";
import type { RestAnswer } from "../rest.js";
import { type Field, type Input, word } from "./field.js";
import { fine, type OpenReturn, scanOf } from "./returns.js";

export function dockInputs({ desk, rest, returns, count }: Field): Input[] {
  const scan = (change: object) => rest.post("WAREHOUSE", "dora", "/v1/dock/parcels:scan", scanOf(change));
  const booked = async ({ inspectionId }: OpenReturn) =>
    `${await count("partners", '"{}".disposed_line WHERE inspection_id = $1', [inspectionId])} postings`;

  async function stateOf({ inspectionId }: OpenReturn): Promise<string> {
    const { json } = await rest.get("WAREHOUSE", "dora", `/v1/inspections/${inspectionId}`);
    return String(json.state).replace("INSPECTION_STATE_", "");
  }

  /** Where goods stand that went to quarantine, and why. */
  async function stands(answer: RestAnswer): Promise<string> {
    const { quarantineId = "" } = answer.json.quarantined?.[0] ?? {};
    const { json } = await rest.get("WAREHOUSE", "dora", `/v1/quarantine/${quarantineId}`);
    const units = (json.items ?? []).reduce((sum: number, item: { quantity: number }) => sum + item.quantity, 0);
    const reason = String(json.reason).replace("QUARANTINE_REASON_", "");
    return `${reason}: ${units} units ${String(json.state).replace("QUARANTINE_STATE_", "")}`;
  }

  return [
    {
      input: "a parcel at the dock that nobody expects",
      answer: "200",
      books: "UNKNOWN_PARCEL: 2 units HELD",
      tell: async () => {
        const answer = await scan({ trackingNumber: newId("trk") });
        return [word(answer), await stands(answer)];
      },
    },
    {
      input: "a parcel at the wrong centre",
      answer: "200 WRONG_CENTRE",
      books: "REGISTERED",
      tell: async () => {
        const open = await returns.addressed("SEL-1");
        const answer = await scan({ trackingNumber: open.trackingNumber, centre: "PUS-1" });
        const kinds = (answer.json.inspection?.discrepancies ?? []).map(({ kind }: { kind: string }) =>
          kind.replace("DISCREPANCY_KIND_", ""),
        );
        return [`${word(answer)} ${kinds}`, await stateOf(open)];
      },
    },
    {
      input: "the same parcel scanned again",
      answer: "409 PARCEL_ALREADY_SCANNED",
      books: "1 receipts",
      tell: async () => {
        const open = await returns.addressed("SEL-1");
        await scan({ trackingNumber: open.trackingNumber });
        const answer = await scan({ trackingNumber: open.trackingNumber });
        const { json } = await rest.get("WAREHOUSE", "dora", `/v1/inspections/${open.inspectionId}`);
        return [word(answer), `${json.receipts.length} receipts`];
      },
    },
    {
      input: "a parcel of a resolution that is closed",
      answer: "200",
      books: "INSPECTION_CLOSED: 2 units HELD",
      tell: async () => {
        const open = await returns.opened();
        await returns.scanned(open);
        await returns.completed(open);
        const answer = await scan({ resolutionId: open.resolutionId });
        return [word(answer), await stands(answer)];
      },
    },
    {
      input: "a verdict before the goods are there",
      answer: "409 INSPECTION_STATE",
      books: "EXPECTED, 0 postings",
      tell: async () => {
        const open = await returns.opened();
        const answer = await returns.completed(open);
        return [word(answer), `${await stateOf(open)}, ${await booked(open)}`];
      },
    },
    {
      input: "a second completion",
      answer: "409 INSPECTION_DONE",
      books: "INSPECTED, 1 postings",
      tell: async () => {
        const open = await returns.opened();
        await returns.scanned(open);
        await returns.completed(open);
        const answer = await returns.completed(open);
        await desk.pass(1_000);
        return [word(answer), `${await stateOf(open)}, ${await booked(open)}`];
      },
    },
    {
      input: "verdicts for more units than came",
      answer: "422 FINDINGS_UNBALANCED",
      books: "REGISTERED, 0 postings",
      tell: async () => {
        const open = await returns.opened();
        await returns.scanned(open);
        const path = `/v1/inspections/${open.inspectionId}:complete`;
        const answer = await rest.post("WAREHOUSE", "bella", path, { findings: [fine(3)] });
        return [word(answer), `${await stateOf(open)}, ${await booked(open)}`];
      },
    },
    {
      input: "units accepted that nobody counted",
      answer: "409 UNITS_NOT_RECEIVED",
      books: "REGISTERED, 0 postings",
      tell: async () => {
        const open = await returns.opened();
        await scan({ inspectionId: open.inspectionId, items: [{ sku: "mug", quantity: 1 }] });
        return [word(await returns.completed(open)), `${await stateOf(open)}, ${await booked(open)}`];
      },
    },
  ];
}
