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
import { assertUndisputed } from "./core/disputes.js";
import { assertNew, held, takeInShared } from "./core/dock.js";
import { assign, dispose } from "./core/quarantine.js";
import type { Scan } from "./core/scan.js";
import type { Disposition, Inspection, Quarantined } from "./core/types.js";
import { dispositions, toInspection } from "./proto.js";
import { quarantineStates, readItems, toQuarantined } from "./quarantineProto.js";
import type { Quarantine } from "./quarantineStore.js";
import type { Reference, Store } from "./store.js";

export type DockParts = { readonly store: Store; readonly quarantine: Quarantine; readonly clock: Clock };

const contract = DockServiceService;
const answer = (quarantined: Quarantined) => ({ quarantined: toQuarantined(quarantined) });

export function dockRpc({ store, quarantine, clock }: DockParts): Handlers<typeof DockServiceService> {
  /**
   * The inspections that a scan means; none that we know is none. A label may stand for several: one parcel carries the
   * goods of all of them. @throws DomainError PARCEL_AMBIGUOUS
   */
  async function meant(request: ScanParcelRequest): Promise<readonly Inspection[]> {
    if (request.inspectionId !== "") return [await store.find(request.inspectionId)];
    const found = await store.candidates(referenceOf(request));
    const open = found.filter(({ state }) => state !== "INSPECTED");
    if (request.trackingNumber !== "" && open.length > 1) return open;
    const candidates = open.map(({ inspectionId }) => inspectionId).join();
    check(open.length <= 1, "PARCEL_AMBIGUOUS", "what was scanned fits several inspections: name one", { candidates });
    return [open[0] ?? found[0]].flatMap((inspection) => inspection ?? []);
  }

  /** To quarantine: it is unknown, or comes too late. */
  function holdBack(request: ScanParcelRequest, call: Call, scan: Scan, closed: Inspection | undefined) {
    const labelled = Object.values(referenceOf(request)).some((text) => text !== "");
    const reason = closed ? "INSPECTION_CLOSED" : labelled ? "UNKNOWN_PARCEL" : "BLIND";
    const goods = { ...held(newId("qrn"), reason, scan), inspectionId: closed?.inspectionId ?? "" };
    const spend = byRequest(contract.scanParcel, request, call, (quarantined: Quarantined): ScanParcelResponse => {
      return { inspection: undefined, quarantined: [toQuarantined(quarantined)], also: [] };
    });
    return quarantine.hold(spend, closed?.resolutionId ?? "", () => {
      if (closed) assertNew(closed, scan.trackingNumber);
      return goods;
    });
  }

  return {
    async scanParcel(request, call) {
      let strays: readonly Quarantined[] = [];
      let others: readonly Inspection[] = [];
      const spend = byRequest(contract.scanParcel, request, call, (inspection: Inspection): ScanParcelResponse => {
        const quarantined = strays.map(toQuarantined);
        return { inspection: toInspection(inspection), quarantined, also: others.map(toInspection) };
      });
      const found = await store.orRecall(spend, async () => ({ inspections: await meant(request) }));
      if ("recalled" in found) return found.recalled;
      const [inspection, ...rest] = found.inspections;
      others = rest;
      const scan = scanOf(request, call.caller.subject, clock.now());
      if (!inspection || inspection.state === "INSPECTED") return holdBack(request, call, scan, inspection);
      return store.change(inspection.inspectionId, spend, (before) => {
        // What was heard of its parcels since it was last written is in the one that was found.
        const outcome = takeInShared({ ...before, inbound: inspection.inbound }, others, scan, () => newId("qrn"));
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
      const free = await quarantine.orRecall(spend, () => assertFree(quarantineId, disposition));
      if (free) return free.recalled;
      return quarantine.change(quarantineId, spend, (goods) => dispose(goods, disposition, decision(call, note)));
    },
  };

  /** What came with goods that somebody disputes is evidence; only to the customer it may go. */
  async function assertFree(quarantineId: string, disposition: Disposition): Promise<undefined> {
    const { inspectionId } = await quarantine.find(quarantineId);
    if (inspectionId === "" || disposition === "RETURN_TO_CUSTOMER") return;
    assertUndisputed(await store.find(inspectionId), clock.now());
  }

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
