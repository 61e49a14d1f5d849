// The rpcs of backhaul.inspection.v1.DockService: check, one verb, reply.
import {
  DockServiceService,
  type ScanParcelRequest,
  type ScanParcelResponse,
} from "#gen/backhaul/inspection/v1/dock_service.js";
import { byRequest } from "#kit/aggregate.js";
import type { Call } from "#kit/call.js";
import type { Clock } from "#kit/clock.js";
import { newId } from "#kit/ids.js";
import { check, DomainError } from "#kit/pure/check.js";
import type { Handlers } from "#kit/server.js";
import { held, type Scan, takeIn } from "./core/dock.js";
import { assign, dispose } from "./core/quarantine.js";
import type { Disposition, Inspection, Quarantined } from "./core/types.js";
import { dispositions, toInspection } from "./proto.js";
import { quarantineStates, readItems, toQuarantined } from "./quarantineProto.js";
import type { Quarantine } from "./quarantineStore.js";
import type { Reference, Store } from "./store.js";

export type DockParts = { readonly store: Store; readonly quarantine: Quarantine; readonly clock: Clock };

const contract = DockServiceService;
const answer = (quarantined: Quarantined) => ({ quarantined: toQuarantined(quarantined) });

export function dockRpc({ store, quarantine, clock }: DockParts): Handlers<typeof DockServiceService> {
  /** The inspection that a scan means; undefined for none that we know. @throws DomainError PARCEL_AMBIGUOUS */
  async function meant(request: ScanParcelRequest): Promise<Inspection | undefined> {
    if (request.inspectionId !== "") return store.find(request.inspectionId);
    const found = await store.candidates(referenceOf(request));
    const open = found.filter(({ state }) => state !== "INSPECTED");
    const candidates = open.map(({ inspectionId }) => inspectionId).join();
    check(open.length <= 1, "PARCEL_AMBIGUOUS", "what was scanned fits several inspections: name one", { candidates });
    return open[0] ?? found[0];
  }

  /** To quarantine: it is unknown, or comes too late. */
  function holdBack(request: ScanParcelRequest, call: Call, scan: Scan, closed: Inspection | undefined) {
    const labelled = Object.values(referenceOf(request)).some((text) => text !== "");
    const reason = closed ? "INSPECTION_CLOSED" : labelled ? "UNKNOWN_PARCEL" : "BLIND";
    const goods = { ...held(newId("qrn"), reason, scan), inspectionId: closed?.inspectionId ?? "" };
    const spend = byRequest(contract.scanParcel, request, call, (quarantined: Quarantined): ScanParcelResponse => {
      return { inspection: undefined, quarantined: [toQuarantined(quarantined)] };
    });
    return quarantine.hold(spend, () => goods);
  }

  return {
    async scanParcel(request, call) {
      let strays: readonly Quarantined[] = [];
      const spend = byRequest(contract.scanParcel, request, call, (inspection: Inspection): ScanParcelResponse => {
        return { inspection: toInspection(inspection), quarantined: strays.map(toQuarantined) };
      });
      const found = await store.orRecall(spend, async () => ({ inspection: await meant(request) }));
      if ("recalled" in found) return found.recalled;
      const { inspection } = found;
      const scan = scanOf(request, call.caller.subject, clock.now());
      if (!inspection || inspection.state === "INSPECTED") return holdBack(request, call, scan, inspection);
      return store.change(inspection.inspectionId, spend, (before) => {
        const outcome = takeIn(before, scan, () => newId("qrn"));
        strays = outcome.quarantined ?? [];
        return outcome;
      });
    },

    async findExpected(request) {
      const { inspectionId, centre, sku } = request;
      const found = inspectionId
        ? [await store.find(inspectionId)]
        : await store.candidates({ ...referenceOf(request), sku }, centre);
      if (found.length > 0) return { inspections: found.map(toInspection) };
      const { trackingNumber, resolutionId, orderId, serial } = request;
      throw new DomainError("PARCEL_NOT_EXPECTED", "nothing like it is expected here", {
        tracking_number: trackingNumber,
        resolution_id: resolutionId,
        order_id: orderId,
        serial,
        sku,
        centre,
      });
    },

    async getQuarantined({ quarantineId }) {
      return answer(await quarantine.find(quarantineId));
    },

    async listQuarantined({ state, centre, ...page }) {
      const filter = { state: quarantineStates.word(state), centre: centre || undefined };
      const { rows, nextPageToken } = await quarantine.list(filter, page);
      return { quarantined: rows.map(toQuarantined), nextPageToken };
    },

    async assignQuarantined(request, call) {
      const { quarantineId, inspectionId, note } = request;
      const spend = byRequest(contract.assignQuarantined, request, call, answer);
      const inspection = await quarantine.orRecall(spend, () => openInspection(inspectionId));
      if ("recalled" in inspection) return inspection.recalled;
      return quarantine.change(quarantineId, spend, (goods) => assign(goods, inspectionId, decision(call, note)));
    },

    async disposeQuarantined(request, call) {
      const { quarantineId, note } = request;
      // The contract's rules let no other value in.
      const disposition = dispositions.word(request.disposition) as Disposition;
      const spend = byRequest(contract.disposeQuarantined, request, call, answer);
      return quarantine.change(quarantineId, spend, (goods) => dispose(goods, disposition, decision(call, note)));
    },
  };

  async function openInspection(inspectionId: string): Promise<Inspection> {
    const inspection = await store.find(inspectionId);
    const metadata = { inspection_id: inspectionId, state: inspection.state, verb: "assign" };
    check(inspection.state !== "INSPECTED", "INSPECTION_DONE", `inspection ${inspectionId} is complete`, metadata);
    return inspection;
  }

  function decision({ caller }: Call, note: string) {
    return { decider: caller.subject, note, now: clock.now() };
  }
}

function referenceOf({ trackingNumber, resolutionId, orderId, serial }: Required<Omit<Reference, "sku">>) {
  return { trackingNumber, resolutionId, orderId, serial };
}

function scanOf(request: ScanParcelRequest, scanner: string, time: Date): Scan {
  const { trackingNumber, centre, items, empty, weightGrams, note } = request;
  return { trackingNumber, centre, items: readItems(items), empty, weightGrams, note, scanner, time };
}
