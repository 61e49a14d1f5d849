// Drives one planned return through the inspection service as docks, benches and unreliable networks do: every request
// doubled, parcels in any order, verdicts before the goods are there, and all of it again after it is done.
import { DockServiceService } from "#gen/backhaul/inspection/v1/dock_service.js";
import { Condition, Disposition, Finding, Grade, UnitVerdict } from "#gen/backhaul/inspection/v1/inspection.js";
import { ExpectReceiptRequest, InspectionServiceService } from "#gen/backhaul/inspection/v1/inspection_service.js";
import { RpcError } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import type { Chance } from "../chance.js";
import type { Desk } from "../desk.js";
import type { Tally } from "../proof.js";
import type { Fate, Plan, PlannedParcel } from "./plan.js";

export type Doors = ReturnType<typeof openDoors>;

export function openDoors(desk: Desk) {
  return {
    service: desk.as("inspection", InspectionServiceService, "SERVICE"),
    bench: desk.as("inspection", InspectionServiceService, "WAREHOUSE", "bella"),
    dock: desk.as("inspection", DockServiceService, "WAREHOUSE", "dora"),
  };
}

/** What was refused on the way, by reason: each of these has to be refused, or it would be a fault. */
export type Told = { readonly refused: Tally; readonly wrong: string[] };

/** @returns the inspection's id */
export async function driveReturn(plan: Plan, doors: Doors, told: Told, chance: Chance): Promise<string> {
  const inspectionId = await announced(plan, doors, told);
  if (chance.percent(30)) await tooEarly(plan, inspectionId, doors, told);
  // Nobody calls a parcel back that is on its way: it comes all the same.
  if (plan.canceled) {
    const requestId = newId("req");
    const cancel = () => again(() => doors.service.cancelReceipt({ requestId, inspectionId }));
    await Promise.all([cancel(), cancel()]);
  }
  await Promise.all(
    chance.shuffled(plan.parcels).map((parcel) => scanned(plan, parcel, inspectionId, doors, told, chance)),
  );
  await takenIn(plan, inspectionId, doors);
  const records = plan.recorded ? recordsOf(plan) : [];
  await Promise.all(
    chance
      .retold(records)
      .map(({ requestId, finding }) => again(() => doors.bench.recordFinding({ requestId, inspectionId, finding }))),
  );
  await completed(plan, inspectionId, doors, told);
  if (plan.late) await scanned(plan, plan.late, inspectionId, doors, told, chance);
  return inspectionId;
}

/** Three times at once: twice the same request, once another one for the same goods. */
async function announced(plan: Plan, { service }: Doors, told: Told): Promise<string> {
  const lines = plan.lines.map(({ lineId, sku, fates }) => ({ lineId, sku, quantity: fates.length }));
  const trackingNumbers = plan.parcels.map(({ trackingNumber }) => trackingNumber);
  const request = (requestId: string, order: typeof lines) =>
    ExpectReceiptRequest.fromPartial({
      requestId,
      resolutionId: plan.resolutionId,
      orderId: plan.orderId,
      market: "GB",
      lines: order,
      terms: { trackingNumbers: [...trackingNumbers, ...(plan.late ? [plan.late.trackingNumber] : [])] },
    });
  const requestId = newId("req");
  const asks = [request(requestId, lines), request(requestId, lines), request(newId("req"), lines.toReversed())];
  const answers = await Promise.all(asks.map((ask) => again(() => service.expectReceipt(ask))));
  const ids = new Set(answers.map(({ inspection }) => inspection?.inspectionId ?? ""));
  if (ids.size !== 1) told.wrong.push(`${plan.orderId}: ${ids.size} inspections of one resolution`);
  return [...ids][0] as string;
}

/** Nothing can be judged, and nothing put to stock, of goods that are not there. */
async function tooEarly(plan: Plan, inspectionId: string, { bench }: Doors, told: Told): Promise<void> {
  const findings = findingsOf(plan);
  await refused(told, plan, "before the goods came", ["INSPECTION_STATE"], () =>
    bench.completeInspection({ requestId: newId("req"), inspectionId, findings, withoutOutstanding: false }),
  );
}

/** The same scan twice at once; then the same parcel under another request. */
async function scanned(
  plan: Plan,
  { trackingNumber, items, blind }: PlannedParcel,
  inspectionId: string,
  { dock }: Doors,
  told: Told,
  chance: Chance,
): Promise<void> {
  const scan = {
    centre: "LDN-1",
    inspectionId: "",
    trackingNumber: blind ? "" : trackingNumber,
    resolutionId: "",
    orderId: "",
    serial: "",
    items: items.map((item) => ({ ...item, serial: "" })),
    empty: items.length === 0,
    weightGrams: 0,
    note: `parcel of ${plan.orderId}`,
  };
  const requestId = newId("req");
  const [first, twin] = await Promise.all([
    again(() => dock.scanParcel({ ...scan, requestId })),
    again(() => dock.scanParcel({ ...scan, requestId })),
  ]);
  const idsOf = ({ quarantined }: typeof first) => quarantined.map(({ quarantineId }) => quarantineId).join();
  if (idsOf(first) !== idsOf(twin)) told.wrong.push(`${plan.orderId}: one scan was answered in two ways`);
  if (blind) {
    const quarantineId = first.quarantined[0]?.quarantineId ?? "";
    const assign = { requestId: newId("req"), quarantineId, inspectionId, note: "the slip was inside" };
    await Promise.all([again(() => dock.assignQuarantined(assign)), again(() => dock.assignQuarantined(assign))]);
    return;
  }
  if (plan.late?.trackingNumber !== trackingNumber && chance.percent(30)) {
    await refused(told, plan, "scanned twice", ["PARCEL_ALREADY_SCANNED"], () =>
      dock.scanParcel({ ...scan, requestId: newId("req") }),
    );
  }
  if (plan.strays === "HELD") return;
  for (const { quarantineId } of first.quarantined) {
    const disposition = Disposition[`DISPOSITION_${plan.strays}`];
    const dispose = { requestId: newId("req"), quarantineId, disposition, note: "nobody's" };
    await Promise.all([again(() => dock.disposeQuarantined(dispose)), again(() => dock.disposeQuarantined(dispose))]);
    await refused(told, plan, "disposed of twice", ["QUARANTINE_STATE"], () =>
      dock.disposeQuarantined({ ...dispose, requestId: newId("req") }),
    );
  }
}

/** The bench begins when every parcel is there: what came out of quarantine is received by a step of its own. */
async function takenIn({ parcels }: Plan, inspectionId: string, { bench }: Doors): Promise<void> {
  for (let look = 1; ; look++) {
    const { inspection } = await bench.getInspection({ inspectionId });
    if ((inspection?.receipts.length ?? 0) >= parcels.length) return;
    if (look > 100) throw new Error(`${inspectionId} has not all of its ${parcels.length} parcels`);
    await new Promise((resolve) => setTimeout(resolve, 10 * look));
  }
}

/** Twice the same completion, and a second one by somebody who did not hear of the first. */
async function completed(plan: Plan, inspectionId: string, doors: Doors, told: Told): Promise<void> {
  const findings = plan.recorded ? [] : findingsOf(plan);
  const requestId = newId("req");
  const complete = () =>
    again(() => doors.bench.completeInspection({ requestId, inspectionId, findings, withoutOutstanding: false }));
  const [first, twin] = await Promise.all([complete(), complete()]);
  if (JSON.stringify(first.inspection?.findings) !== JSON.stringify(twin.inspection?.findings))
    told.wrong.push(`${plan.orderId}: one completion was answered in two ways`);
  await refused(told, plan, "completed twice", ["INSPECTION_DONE"], () =>
    doors.bench.completeInspection({
      requestId: newId("req"),
      inspectionId,
      findings: findingsOf(plan),
      withoutOutstanding: false,
    }),
  );
}

/** What the bench says: equal units together. */
function findingsOf({ lines }: Plan): Finding[] {
  return lines.flatMap(({ lineId, fates }) =>
    [...new Set(fates)].map((fate) => findingOf(lineId, fate, fates.filter((other) => other === fate).length)),
  );
}

function recordsOf({ lines }: Plan): { requestId: string; finding: Finding }[] {
  return lines.flatMap(({ lineId, fates }) =>
    fates.map((fate, at) => ({
      requestId: newId("req"),
      finding: Finding.fromPartial({ ...findingOf(lineId, fate, 1), detail: { unitNumber: at + 1 } }),
    })),
  );
}

function findingOf(lineId: string, fate: Fate, quantity: number): Finding {
  if (fate === "MISSING") {
    const nowhere = { condition: Condition.CONDITION_MISSING, disposition: Disposition.DISPOSITION_MISSING };
    return Finding.fromPartial({ lineId, quantity, verdict: UnitVerdict.UNIT_VERDICT_MISSING, ...nowhere });
  }
  if (fate === "REJECTED") {
    return Finding.fromPartial({
      lineId,
      quantity,
      verdict: UnitVerdict.UNIT_VERDICT_REJECTED,
      grade: Grade.GRADE_UNSELLABLE,
      condition: Condition.CONDITION_CUSTOMER_DAMAGED,
      disposition: Disposition.DISPOSITION_RETURN_TO_CUSTOMER,
    });
  }
  return Finding.fromPartial({
    lineId,
    quantity,
    verdict: UnitVerdict.UNIT_VERDICT_ACCEPTED,
    grade: Grade.GRADE_GOOD,
    condition: Condition.CONDITION_SELLABLE,
    disposition: Disposition[`DISPOSITION_${fate}`],
  });
}

/** Asks, and asks again under the same id while the answer says that it may help: as clients do. */
async function again<R>(ask: () => Promise<R>): Promise<R> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      const soon = error instanceof RpcError && (error.retryable || error.reason === "CONTENTION");
      if (!soon || attempt > 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10 * attempt));
    }
  }
}

async function refused(
  told: Told,
  { orderId }: Plan,
  what: string,
  reasons: readonly string[],
  ask: () => Promise<unknown>,
): Promise<void> {
  try {
    await ask();
    told.wrong.push(`${orderId}: ${what}, and it was taken`);
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    if (reasons.includes(error.reason)) told.refused.add(`${what} (${error.reason})`);
    else told.wrong.push(`${orderId}: ${what}, and it was refused with ${error.reason}: ${error.message}`);
  }
}
