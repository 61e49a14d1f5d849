// What the dock and the bench do: parcels scanned and units recorded a second, what each costs, and who is at the limit.
import { DockServiceService } from "#gen/backhaul/inspection/v1/dock_service.js";
import { Condition, Disposition, Finding, Grade, UnitVerdict } from "#gen/backhaul/inspection/v1/inspection.js";
import { ExpectReceiptRequest, InspectionServiceService } from "#gen/backhaul/inspection/v1/inspection_service.js";
import { newId } from "#kit/ids.js";
import type { Desk } from "../prove/desk.js";
import { atOnce } from "../prove/proof.js";
import { type Cost, costOf, renderCost } from "./cost.js";
import { percentile, rounded, table } from "./numbers.js";

type Act = { readonly cost: Cost; readonly p50Ms: number; readonly p99Ms: number };
export type DockFigures = { readonly dock: { readonly scan: Act; readonly record: Act } };

const parcels = Number(process.env.BENCH_SCANS ?? 8_000);
const inFlight = 32;
/** Units of a parcel, each looked at. */
const units = 2;

export async function measureDock(
  desk: Desk,
  say: (line: string) => void,
): Promise<{ figures: DockFigures; text: string }> {
  const service = desk.as("inspection", InspectionServiceService, "SERVICE");
  const bench = desk.as("inspection", InspectionServiceService, "WAREHOUSE", "bella");
  const dock = desk.as("inspection", DockServiceService, "WAREHOUSE", "dora");
  const database = await desk.connection();
  const warmUp = Math.ceil(parcels / 10);
  say(`announcing ${parcels + warmUp} parcels`);
  const labels = Array.from({ length: parcels + warmUp }, (_, nth) => `DOCK-${newId("trk").slice(-8)}-${nth}`);
  const ids = await atOnce(labels, inFlight, async (trackingNumber) => {
    const request = ExpectReceiptRequest.fromPartial({
      requestId: newId("req"),
      resolutionId: newId("res"),
      orderId: newId("ord"),
      market: "GB",
      lines: [{ lineId: "l-1", sku: "mug", quantity: units }],
      terms: { trackingNumbers: [trackingNumber] },
    });
    return (await service.expectReceipt(request)).inspection?.inspectionId ?? "";
  });

  const scan = (nth: number) =>
    dock.scanParcel({
      requestId: newId("req"),
      centre: "LDN-1",
      inspectionId: "",
      trackingNumber: labels[nth] ?? "",
      resolutionId: "",
      orderId: "",
      serial: "",
      items: [{ sku: "mug", quantity: units, serial: "" }],
      empty: false,
      weightGrams: 640,
      note: "",
    });
  const record = (nth: number) =>
    bench.recordFinding({
      requestId: newId("req"),
      inspectionId: ids[Math.floor(nth / units)] ?? "",
      finding: Finding.fromPartial({ ...fine, detail: { unitNumber: (nth % units) + 1 } }),
    });

  /** One act on so many, after a few to warm up. */
  async function measured(what: string, act: (nth: number) => Promise<unknown>, each: number): Promise<Act> {
    const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);
    const run = async (from: number, to: number) => {
      const took: number[] = [];
      await atOnce(range(from, to), inFlight, async (nth) => {
        const begin = performance.now();
        await act(nth);
        took.push(performance.now() - begin);
      });
      return took;
    };
    await run(0, warmUp * each);
    say(`measuring ${what}`);
    let took: number[] = [];
    const cost = await costOf(desk.mesh, database, async () => {
      took = await run(warmUp * each, (warmUp + parcels) * each);
      return { done: took.length, polls: 0 };
    });
    return { cost, p50Ms: percentile(took, 0.5), p99Ms: percentile(took, 0.99) };
  }

  const figures = { scan: await measured("scans", scan, 1), record: await measured("records of units", record, units) };
  return { figures: { dock: figures }, text: render(figures) };
}

const fine = {
  lineId: "l-1",
  quantity: 1,
  verdict: UnitVerdict.UNIT_VERDICT_ACCEPTED,
  grade: Grade.GRADE_LIKE_NEW,
  condition: Condition.CONDITION_SELLABLE,
  disposition: Disposition.DISPOSITION_RESTOCKED,
};

function render({ scan, record }: DockFigures["dock"]): string {
  const rows = (name: string, { cost, p50Ms, p99Ms }: Act): [string, string, string?][] => [
    [`${name} per second`, rounded(cost.done / cost.seconds, 0), `${inFlight} at a time, each committed`],
    ["  p50", `${rounded(p50Ms)} ms`],
    ["  p99", `${rounded(p99Ms)} ms`],
    ["  SQL statements", rounded(cost.statements / cost.done, 2), "each"],
  ];
  return [
    table(`at the dock: ${parcels} parcels of ${units} units`, [
      ...rows("parcels scanned", scan),
      ...rows("units recorded", record),
    ]),
    renderCost("CPU of a scan, by process", scan.cost),
    renderCost("CPU of a unit's record, by process", record.cost),
  ].join("\n\n");
}
