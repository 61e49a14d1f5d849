// The rpcs of backhaul.eligibility.v1.PolicyService about the allow and block lists: check, one verb, reply.
import { PolicyServiceService } from "#gen/backhaul/eligibility/v1/policy_service.js";
import { byRequest } from "#kit/aggregate.js";
import type { Clock } from "#kit/clock.js";
import { newId } from "#kit/ids.js";
import { DomainError } from "#kit/pure/check.js";
import type { Handlers } from "#kit/server.js";
import { end, type ListEntry, type ListKind, type ListSubject, list } from "../core/lists.js";
import { listKinds, listSubjects, toListEntry } from "../policyProto.js";
import type { Store } from "../store.js";

type Rpcs = "createListEntry" | "endListEntry" | "listListEntries";

export function listRpc({
  store,
  clock,
}: {
  readonly store: Store;
  readonly clock: Clock;
}): Pick<Handlers<typeof PolicyServiceService>, Rpcs> {
  const answer = (entry: ListEntry) => ({ listEntry: toListEntry(entry) });

  return {
    async createListEntry(request, call) {
      const { market, value, reason } = request;
      const spend = byRequest(PolicyServiceService.createListEntry, request, call, answer);
      const now = clock.now();
      const entry = {
        listEntryId: newId("lst"),
        market,
        kind: listKinds.word(request.kind) as ListKind,
        subject: listSubjects.word(request.subject) as ListSubject,
        value,
        reason,
        author: call.caller.subject,
        createTime: now,
        endTime: request.endTime ?? now,
      };
      const withPolicies = async () => {
        if ((await store.bookVersion(market)) !== undefined) return;
        const time = now.toISOString();
        throw new DomainError("NO_POLICY", `no policy is known for market ${market}`, { market, time });
      };
      return store.createListEntry(spend, withPolicies, () => list(entry));
    },

    async endListEntry(request, call) {
      const spend = byRequest(PolicyServiceService.endListEntry, request, call, answer);
      return store.changeListEntry(request.listEntryId, spend, (entry) =>
        end(entry, { subject: call.caller.subject, now: clock.now() }),
      );
    },

    async listListEntries({ market, value, ...page }) {
      const { rows, nextPageToken } = await store.listEntries({ market, value }, page);
      return { listEntries: rows.map(toListEntry), nextPageToken };
    },
  };
}
