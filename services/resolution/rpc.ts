// The rpcs of backhaul.resolution.v1.ResolutionService: check, one verb, reply.
import { setTimeout as wait } from "node:timers/promises";
import { Decision, Verdict } from "#gen/backhaul/eligibility/v1/decision.js";
import type { EligibilityServiceService } from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import type { OrderServiceService } from "#gen/backhaul/partner/order/v1/order_service.js";
import type { ShipmentServiceService } from "#gen/backhaul/partner/shipment/v1/shipment_service.js";
import type { RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import type { Resolution as ResolutionMessage } from "#gen/backhaul/resolution/v1/resolution.js";
import {
  type CreateResolutionRequest,
  ResolutionServiceService as methods,
} from "#gen/backhaul/resolution/v1/resolution_service.js";
import { mayReach } from "#kit/access.js";
import { byRequest, type UnaryMethod } from "#kit/aggregate.js";
import { asService, type Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import type { Clock } from "#kit/clock.js";
import { newId } from "#kit/ids.js";
import { sequenceAfter } from "#kit/pages.js";
import { check } from "#kit/pure/check.js";
import { fromProto, zero } from "#kit/pure/money.js";
import type { Handlers } from "#kit/server.js";
import { beginnings } from "./beginning.js";
import type { Calendars } from "./calendars.js";
import { cancelsLines } from "./cancelLines.js";
import { isEnded, type Scene } from "./core/advance.js";
import * as core from "./core/resolution.js";
import type { Outcome, Resolution } from "./core/types.js";
import { previews } from "./preview.js";
import {
  channels,
  freeze,
  kinds,
  mismatch,
  states,
  toEntry,
  toLines,
  toResolution,
  toTerms,
  verdicts,
  verdictText,
} from "./proto.js";
import { askingSellers } from "./sellerSteps.js";
import { notFound, type Store } from "./store.js";
import { unaskedReturns } from "./unaskedReturns.js";

export type RpcParts = {
  readonly store: Store;
  readonly eligibility: ClientOf<typeof EligibilityServiceService>;
  readonly refund: ClientOf<typeof RefundServiceService>;
  readonly orders: ClientOf<typeof OrderServiceService>;
  readonly shipments: ClientOf<typeof ShipmentServiceService>;
  readonly exchangeChainMax: number;
  readonly calendars: Calendars;
  readonly clock: Clock;
};

/** How often a watcher looks for new entries. */
const watchMs = 200;
type Answer = { resolution: ResolutionMessage | undefined };
const answerTo =
  ({ caller }: Call) =>
  (resolution: Resolution): Answer => ({ resolution: toResolution(resolution, caller.role) });

export function resolutionRpc(parts: RpcParts): Handlers<typeof methods> {
  const { store, eligibility, refund, calendars, clock } = parts;
  const beginningOf = beginnings(parts);

  /** A caller's own, or NOT_FOUND. */
  async function reach(resolutionId: string, call: Call): Promise<Resolution> {
    const resolution = await store.find(resolutionId);
    if (!mayReach(call.caller, resolution)) throw notFound(resolutionId);
    return resolution;
  }

  async function sceneOf(market: string, call: Call): Promise<Scene> {
    const { subject, role } = call.caller;
    return { actor: { subject, role }, now: clock.now(), calendar: await calendars.load(market) };
  }

  /** A decision that staff gave before. @throws DomainError DECISION_MISMATCH if it is not about this request */
  async function decidedByStaff(request: CreateResolutionRequest, call: Call) {
    const { decision, overriddenBy } = await eligibility.getDecision({ decisionId: request.decisionId }, call);
    const problem = decision ? mismatch(decision, overriddenBy, request) : "it does not exist";
    check(problem === undefined, "DECISION_MISMATCH", `${request.decisionId} does not fit this request: ${problem}`, {
      decision_id: request.decisionId,
      problem: problem ?? "",
    });
    return { decision };
  }

  /** One verb on a caller's own resolution; the same request again gets its first answer. */
  async function verb<Q extends { requestId: string; resolutionId: string }>(
    method: UnaryMethod<Q, Answer>,
    request: Q,
    call: Call,
    decide: (resolution: Resolution, scene: Scene) => Outcome,
  ) {
    const { market } = await reach(request.resolutionId, call);
    const scene = await sceneOf(market, call);
    return store.change(request.resolutionId, byRequest(method, request, call, answerTo(call)), (resolution) =>
      decide(resolution, scene),
    );
  }

  return {
    async createResolution(request, call) {
      const spend = byRequest(methods.createResolution, request, call, answerTo(call));
      const { requestId, orderId, kind, lines, decisionId } = request;
      const judged = await store.orRecall(spend, async () => {
        const beginning = await beginningOf(request, call);
        // Whoever was given the order is not whom the policy knows as its customer.
        const asker = beginning.receiverId === undefined ? call : asService("resolution", call);
        const { exchanged } = beginning;
        const { decision } =
          decisionId === ""
            ? await eligibility.decideEligibility({ requestId, orderId, kind, lines, exchanged }, asker)
            : await decidedByStaff(request, call);
        return { decision, beginning };
      });
      if ("recalled" in judged) return judged.recalled;
      const { begun, origin, receiverId, review, counted } = judged.beginning;
      const decided = judged.decision ?? Decision.fromPartial({});
      const scene = await sceneOf(decided.market, call);
      const asked: core.Requested = {
        resolutionId: newId("res"),
        orderId,
        customerId: receiverId ?? decided.customerId,
        market: decided.market,
        kind: kinds.word(kind) ?? "RETURN",
        channel: channels.word(request.channel) ?? "API",
        verdict:
          review && decided.verdict === Verdict.VERDICT_ACCEPT
            ? "REVIEW"
            : (verdicts.word(decided.verdict) ?? "REVIEW"),
        verdictText: verdictText(decided),
        lines: counted(toLines(decided, lines)),
        terms: {
          ...toTerms(decided, { method: request.collectionMethod, slotId: request.slotId }),
          ...(request.notices && { notices: request.notices }),
        },
        decision: freeze(decided),
        staffDecisionId: decisionId,
        begun,
        origin,
      };
      return store.create(spend, () => askingSellers(core.request(asked, scene), scene.now));
    },

    cancelOrderLines: cancelsLines({ ...parts, sceneOf }),
    reportUnaskedReturn: unaskedReturns({ ...parts, sceneOf }),
    previewResolution: previews({ store, eligibility, refund }),

    async getResolution({ resolutionId }, call) {
      return answerTo(call)(await reach(resolutionId, call));
    },

    async listResolutions({ orderId, customerId, state, kind, onHold, returnEventId, ...page }, { caller }) {
      const isGuest = caller.role === "GUEST";
      const own = caller.role === "CUSTOMER" || isGuest ? caller.subject : undefined;
      const of = isGuest ? (caller.orderId ?? "") : undefined;
      // Asked for another order than theirs, a guest gets a list of nothing.
      if (of !== undefined && orderId !== "" && orderId !== of) return { resolutions: [], nextPageToken: "" };
      const filter = {
        orderId: of ?? (orderId || undefined),
        customerId: own ?? (customerId || undefined),
        state: states.word(state),
        kind: kinds.word(kind),
        onHold: onHold || undefined,
        returnEventId: returnEventId || undefined,
      };
      const { rows, nextPageToken } = await store.list(filter, page);
      return { resolutions: rows.map((r) => toResolution(r, caller.role)), nextPageToken };
    },

    async listTimeline({ resolutionId, pageSize, pageToken }, call) {
      await reach(resolutionId, call);
      const size = pageSize || 100;
      const entries = await store.timeline(resolutionId, sequenceAfter(pageToken), size + 1);
      const page = entries.slice(0, size);
      const nextPageToken = entries.length > size ? String(page.at(-1)?.sequence) : "";
      return { entries: page.map((entry) => toEntry(entry, call.caller.role)), nextPageToken };
    },

    async *watchResolution({ resolutionId, afterSequence }, call, canceled) {
      let after = Number(afterSequence);
      while (!canceled.aborted) {
        // The state is read before the entries, so that none after it can be missed.
        const { state } = await reach(resolutionId, call);
        for (const entry of await store.timeline(resolutionId, after, 100)) {
          yield { entry: toEntry(entry, call.caller.role) };
          after = entry.sequence;
        }
        if (isEnded(state)) return;
        await wait(watchMs);
      }
    },

    withdrawResolution: (request, call) => verb(methods.withdrawResolution, request, call, core.withdraw),
    reopenResolution: (request, call) => verb(methods.reopenResolution, request, call, core.reopen),
    resumeResolution: (request, call) => verb(methods.resumeResolution, request, call, core.resume),
    approveResolution: (request, call) =>
      verb(methods.approveResolution, request, call, (r, scene) => core.approve(r, request.note, scene)),
    declineResolution: (request, call) =>
      verb(methods.declineResolution, request, call, (r, scene) => core.decline(r, request.text, scene)),
    cancelResolution: (request, call) =>
      verb(methods.cancelResolution, request, call, (r, scene) => core.cancel(r, request.note, scene)),
    confirmHandOver: (request, call) =>
      verb(methods.confirmHandOver, request, call, (r, scene) => core.confirmHandOver(r, request.note, scene)),
    settleGiftRefund: (request, call) =>
      verb(methods.settleGiftRefund, request, call, (r, scene) => {
        const amount = request.amount ? fromProto(request.amount) : zero("KRW");
        return core.settleGiftRefund(r, amount, request.note, scene);
      }),
    settleRecovery: (request, call) =>
      verb(methods.settleRecovery, request, call, (r, scene) =>
        core.settleRecovery(r, request.recovered, request.note, scene),
      ),
  };
}
