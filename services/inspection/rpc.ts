// The rpcs of backhaul.inspection.v1.InspectionService: check, one verb, reply.
import { InspectionServiceService } from "#gen/backhaul/inspection/v1/inspection_service.js";
import { byRequest } from "#kit/aggregate.js";
import type { Clock } from "#kit/clock.js";
import { newId } from "#kit/ids.js";
import type { Handlers } from "#kit/server.js";
import { decide, dispute } from "./core/disputes.js";
import { cancel, complete, expect, expectAgain, receive } from "./core/inspection.js";
import { suggest } from "./core/suggestion.js";
import type { Inspection } from "./core/types.js";
import { assertUnit, lineDetail, record } from "./core/units.js";
import { readClaim, readRuling } from "./disputeProto.js";
import type { Guides } from "./guides.js";
import type { MediaDesk } from "./media.js";
import { assertSells, seenBySeller } from "./ownership.js";
import { inspectionStates, readFindings, readLines, readTerms, readUnitFinding, toInspection } from "./proto.js";
import type { Store } from "./store.js";
import { readSeen, toSuggestion } from "./suggestionProto.js";

export type RpcParts = {
  readonly store: Store;
  readonly clock: Clock;
  readonly media: MediaDesk;
  readonly guides: Guides;
};

const contract = InspectionServiceService;
const answer = (inspection: Inspection) => ({ inspection: toInspection(inspection) });
/** Of what came they see their own lines alone, so nothing is said to be missing. */
const toSeller = (inspection: Inspection) => ({ inspection: { ...toInspection(inspection), discrepancies: [] } });

export function inspectionRpc({ store, clock, media, guides }: RpcParts): Handlers<typeof InspectionServiceService> {
  return {
    async expectReceipt(request, call) {
      const { resolutionId, orderId, market } = request;
      const expectation = {
        inspectionId: newId("ins"),
        resolutionId,
        orderId,
        market,
        lines: readLines(request.lines),
        terms: readTerms(request.terms),
        now: clock.now(),
      };
      return store.expect(resolutionId, byRequest(contract.expectReceipt, request, call, answer), (before) =>
        before ? expectAgain(before, expectation) : expect(expectation),
      );
    },

    async cancelReceipt(request, call) {
      return store.change(request.inspectionId, byRequest(contract.cancelReceipt, request, call, answer), cancel);
    },

    async getInspection({ inspectionId }) {
      return answer(await store.find(inspectionId));
    },

    async listInspections({ state, resolutionId, ...page }) {
      const filter = { state: inspectionStates.word(state), resolutionId: resolutionId || undefined };
      const { rows, nextPageToken } = await store.list(filter, page);
      return { inspections: rows.map(toInspection), nextPageToken };
    },

    async receiveParcel(request, call) {
      const spend = byRequest(contract.receiveParcel, request, call, answer);
      return store.change(request.inspectionId, spend, (inspection) => receive(inspection, clock.now()));
    },

    async completeInspection(request, call) {
      const findings = readFindings(request.findings);
      const spend = byRequest(contract.completeInspection, request, call, answer);
      const { inspectionId, withoutOutstanding } = request;
      // What was heard of its parcels since it was last written counts, too.
      const { inbound } = await store.find(inspectionId);
      return store.change(inspectionId, spend, (before) => {
        const inspection = { ...before, inbound };
        const rule = guides.sendBack(inspection.market);
        const by = call.caller.subject;
        return complete(inspection, findings, by, clock.now(), rule, newId("qrn"), withoutOutstanding);
      });
    },

    async recordFinding(request, call) {
      const finding = readUnitFinding(request.finding);
      const spend = byRequest(contract.recordFinding, request, call, answer);
      const kept = await store.orRecall(spend, () => media.assertKept(finding.detail?.photos ?? [], call));
      if (kept) return kept.recalled;
      return store.change(request.inspectionId, spend, (inspection) =>
        record(inspection, finding, call.caller.subject, clock.now()),
      );
    },

    async getChecklist({ category }) {
      return guides.checklist(category);
    },

    async suggestDisposition(request) {
      const inspection = await store.find(request.inspectionId);
      assertUnit(inspection, request.lineId, 1);
      const line = lineDetail(inspection, request.lineId);
      const seen = { ...readSeen(request), neverHad: inspection.terms.neverHad === true };
      return toSuggestion(suggest(seen, guides.figures(line?.category ?? "")), line?.unitValue);
    },

    async openDispute(request, call) {
      const claim = readClaim(request, newId("dsp"));
      if (call.caller.role === "SELLER") assertSells(await store.find(request.inspectionId), claim, call.caller);
      const seller = call.caller.role === "SELLER" ? call.caller : undefined;
      const spend = byRequest(contract.openDispute, request, call, (inspection: Inspection) =>
        seller ? toSeller(seenBySeller(inspection, seller)) : answer(inspection),
      );
      const kept = await store.orRecall(spend, () => media.assertKept(claim.evidence, call));
      if (kept) return kept.recalled;
      return store.change(request.inspectionId, spend, (inspection) =>
        dispute(inspection, claim, guides.disputes(inspection.market), clock.now()),
      );
    },

    async decideDispute(request, call) {
      const [corrected] = readFindings(request.corrected ? [request.corrected] : []);
      const spend = byRequest(contract.decideDispute, request, call, answer);
      return store.change(request.inspectionId, spend, (inspection) =>
        decide(inspection, readRuling(request, corrected), call.caller.subject, clock.now()),
      );
    },
  };
}
