// The rpcs of backhaul.eligibility.v1.PolicyService that read and change policies: check, one verb, reply.
import { PolicyServiceService } from "#gen/backhaul/eligibility/v1/policy_service.js";
import { byRequest } from "#kit/aggregate.js";
import type { Clock } from "#kit/clock.js";
import { newId } from "#kit/ids.js";
import type { Handlers } from "#kit/server.js";
import { activate, type Book, draft, entryOf } from "../core/book.js";
import { parseDocument } from "../core/document.js";
import { assertSound } from "../core/lint.js";
import { toPolicy } from "../proto.js";
import { hashOf } from "../store/books.js";
import type { Store } from "../store.js";

export function policyRpc({
  store,
  clock,
}: {
  readonly store: Store;
  readonly clock: Clock;
}): Partial<Handlers<typeof PolicyServiceService>> {
  return {
    async createPolicy(request, call) {
      const document = parseDocument(request.document);
      const { market } = document;
      const now = clock.now();
      const policyId = newId("pol");
      const documentHash = hashOf(request.document);
      const effectiveTime = request.effectiveTime ?? now;
      const answer = (book: Book) => ({ policy: toPolicy(market, entryOf(book, policyId), request.document) });
      const spend = byRequest(PolicyServiceService.createPolicy, request, call, answer);
      const decideDraft = (book: Book) => {
        assertSound(document);
        return draft(book, { policyId, effectiveTime, author: call.caller.subject, createTime: now, documentHash });
      };
      return store.change(market, spend, decideDraft, request.document);
    },

    async activatePolicy(request, call) {
      const { market, document } = await store.policy(request.policyId);
      const answer = (book: Book) => ({ policy: toPolicy(market, entryOf(book, request.policyId), document) });
      const spend = byRequest(PolicyServiceService.activatePolicy, request, call, answer);
      return store.change(market, spend, (book) => {
        const next = activate(book, request.policyId, { approver: call.caller.subject, now: clock.now() });
        assertSound(parseDocument(document)); // the floor may have been raised since it was drafted
        return next;
      });
    },

    async getPolicy({ policyId }) {
      const { market, entry, document } = await store.policy(policyId);
      return { policy: toPolicy(market, entry, document) };
    },

    async listPolicies({ market, ...page }) {
      const { rows, nextPageToken } = await store.list(market, page);
      return { policies: rows.map(({ market, entry }) => toPolicy(market, entry)), nextPageToken };
    },
  };
}
