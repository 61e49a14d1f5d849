// The rpcs of backhaul.reconciler.v1.ReconcilerService: check, one verb, reply.
import { ReconcilerServiceService } from "#gen/backhaul/reconciler/v1/reconciler_service.js";
import { byRequest } from "#kit/aggregate.js";
import type { Clock } from "#kit/clock.js";
import type { Handlers } from "#kit/server.js";
import { explain } from "./core/breaks.js";
import type { Break } from "./core/types.js";
import { breakKinds, breakStates, ranAs, toBreak } from "./proto.js";
import type { Reconciliation } from "./run.js";
import type { Store } from "./store.js";

export type RpcParts = { readonly store: Store; readonly reconciliation: Reconciliation; readonly clock: Clock };

const contract = ReconcilerServiceService;
const stands = (found: Break) => ({ break: toBreak(found) });

export function reconcilerRpc(parts: RpcParts): Handlers<typeof ReconcilerServiceService> {
  const { store, reconciliation, clock } = parts;
  return {
    /** Goes on when the caller leaves: whoever repeats the request gets the run it began. */
    async reconcile(request, call) {
      return reconciliation.reconcile(byRequest(contract.reconcile, request, call, ranAs));
    },

    async listBreaks({ state, kind, ...page }) {
      const filter = { state: breakStates.word(state), kind: breakKinds.word(kind) };
      const { rows, nextPageToken } = await store.list(filter, page);
      return { breaks: rows.map(toBreak), nextPageToken };
    },

    async explainBreak(request, call) {
      const { breakId, explanation } = request;
      const explained = { explanation, by: call.caller.subject, now: clock.now() };
      const spend = byRequest(contract.explainBreak, request, call, stands);
      return store.explain(breakId, spend, (found) => explain(found, explained));
    },
  };
}
