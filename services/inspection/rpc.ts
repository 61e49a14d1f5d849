// The rpcs of backhaul.inspection.v1.InspectionService: check, one verb, reply.
import { InspectionServiceService } from "#gen/backhaul/inspection/v1/inspection_service.js";
import { byRequest } from "#kit/aggregate.js";
import type { Clock } from "#kit/clock.js";
import { newId } from "#kit/ids.js";
import type { Handlers } from "#kit/server.js";
import { cancel, complete, expect, expectAgain, receive } from "./core/inspection.js";
import type { Inspection } from "./core/types.js";
import { inspectionStates, readFindings, readLines, toInspection } from "./proto.js";
import type { Store } from "./store.js";

export type RpcParts = { readonly store: Store; readonly clock: Clock };

const contract = InspectionServiceService;
const answer = (inspection: Inspection) => ({ inspection: toInspection(inspection) });

export function inspectionRpc({ store, clock }: RpcParts): Handlers<typeof InspectionServiceService> {
  return {
    async expectReceipt(request, call) {
      const { resolutionId, orderId, market } = request;
      const expectation = {
        inspectionId: newId("ins"),
        resolutionId,
        orderId,
        market,
        lines: readLines(request.lines),
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
      return store.change(request.inspectionId, spend, (inspection) =>
        complete(inspection, findings, call.caller.subject, clock.now()),
      );
    },
  };
}
