// The rpcs of backhaul.eligibility.v1.PolicyService that try a version before it judges: on past decisions, and beside
// the one in force.
import type { Policy } from "#gen/backhaul/eligibility/v1/policy.js";
import {
  PolicyServiceService,
  type SimulatePolicyRequest,
  type StartShadowRequest,
  type StopShadowRequest,
} from "#gen/backhaul/eligibility/v1/policy_service.js";
import { byRequest, type UnaryMethod } from "#kit/aggregate.js";
import type { Call } from "#kit/call.js";
import type { Clock } from "#kit/clock.js";
import { InvalidRequest } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import { check } from "#kit/pure/check.js";
import type { Handlers } from "#kit/server.js";
import { type Book, entryOf, shadow, unshadow } from "../core/book.js";
import { noComparison } from "../core/compare.js";
import { parseDocument } from "../core/document.js";
import { parseStored } from "../core/former.js";
import { begin, type Simulation } from "../core/simulation.js";
import { toComparison, toSimulation } from "../labProto.js";
import { toPolicy } from "../policyProto.js";
import type { Store } from "../store.js";

export type LabRpcParts = { readonly store: Store; readonly clock: Clock };

type Rpcs = Pick<
  Handlers<typeof PolicyServiceService>,
  "simulatePolicy" | "getSimulation" | "startShadow" | "stopShadow" | "getShadow"
>;

/** @throws InvalidRequest for a range that no decision can lie in; since exactly now is one that none lies in yet */
function refuseEmpty({ sinceTime, untilTime }: SimulatePolicyRequest, now: Date): void {
  if (sinceTime && untilTime && sinceTime >= untilTime) {
    throw new InvalidRequest([{ field: "since_time", description: "must lie before until_time" }]);
  }
  if (sinceTime && sinceTime > now) {
    throw new InvalidRequest([
      { field: "since_time", description: "must lie in the past: what is to come is not decided" },
    ]);
  }
}

export function labRpc({ store, clock }: LabRpcParts): Rpcs {
  /** Both verbs of the shadow answer with the version as it stands. */
  async function changeShadow<Q extends StartShadowRequest | StopShadowRequest>(
    method: UnaryMethod<Q, { policy: Policy | undefined }>,
    request: Q,
    call: Call,
    verb: typeof shadow,
  ) {
    const { policyId } = request;
    const { market, document } = await store.policy(policyId);
    const answer = (book: Book) => ({ policy: toPolicy(market, entryOf(book, policyId), document) });
    const spend = byRequest(method, request, call, answer);
    return store.change(market, spend, (book) =>
      verb(book, policyId, { subject: call.caller.subject, now: clock.now() }),
    );
  }

  return {
    async simulatePolicy(request, call) {
      const answer = (simulation: Simulation) => ({ simulation: toSimulation(simulation) });
      const spend = byRequest(PolicyServiceService.simulatePolicy, request, call, answer);
      const { policyId, sinceTime: since } = request;
      refuseEmpty(request, clock.now());
      const simulationId = newId("sim");
      const author = call.caller.subject;
      const createTime = clock.now();
      const until = request.untilTime && request.untilTime < createTime ? request.untilTime : createTime;
      const prepare = async (): Promise<Simulation> => {
        const { market, entry, document } = await store.policy(policyId);
        const { state, documentHash } = entry;
        const metadata = { policy_id: policyId, state, verb: "simulate" };
        const ready = state === "VALIDATED" || state === "SIMULATED";
        check(ready, "POLICY_STATE", `cannot simulate ${policyId}: it is ${state} and must be VALIDATED`, metadata);
        const comparison = noComparison(parseDocument(document).currency);
        const total = await store.countDecisions({ market, until }, since ?? new Date(0));
        const about = { simulationId, market, policyId, documentHash, since, until };
        return begin({ ...about, total, comparison, author, createTime });
      };
      return store.createSimulation(spend, prepare, (simulation) => simulation, [
        { step: "simulate", due: createTime },
      ]);
    },

    async getSimulation({ simulationId }) {
      return { simulation: toSimulation(await store.findSimulation(simulationId)) };
    },

    startShadow: (request, call) => changeShadow(PolicyServiceService.startShadow, request, call, shadow),

    stopShadow: (request, call) => changeShadow(PolicyServiceService.stopShadow, request, call, unshadow),

    async getShadow({ policyId }) {
      const { entry, document } = await store.policy(policyId);
      const { documentHash } = entry;
      const { currency } = parseStored(document);
      return { comparison: toComparison(await store.shadow({ policyId, documentHash }, currency)) };
    },
  };
}
