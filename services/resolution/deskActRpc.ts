// The rpcs of backhaul.resolution.v1.DeskActService: check, one act, reply.
import type { EligibilityServiceService } from "#gen/backhaul/eligibility/v1/eligibility_service.js";
import {
  DeskActServiceService as methods,
  type RetryStepResponse,
  SkippableStep,
  type StuckStep,
} from "#gen/backhaul/resolution/v1/desk_act_service.js";
import type { Resolution as ResolutionMessage } from "#gen/backhaul/resolution/v1/resolution.js";
import { byRequest, type UnaryMethod } from "#kit/aggregate.js";
import type { Call } from "#kit/call.js";
import type { ClientOf } from "#kit/client.js";
import type { Clock } from "#kit/clock.js";
import { check } from "#kit/pure/check.js";
import type { Handlers } from "#kit/server.js";
import { words } from "#kit/words.js";
import type { Calendars } from "./calendars.js";
import type { Scene } from "./core/advance.js";
import * as core from "./core/resolution.js";
import type { Outcome, Resolution } from "./core/types.js";
import { kinds, toResolution } from "./proto.js";
import { rejudges, type Wanted } from "./rejudging.js";
import type { Store } from "./store.js";

export type DeskActParts = {
  readonly store: Store;
  readonly eligibility: ClientOf<typeof EligibilityServiceService>;
  readonly calendars: Calendars;
  readonly clock: Clock;
};

type Answer = { resolution: ResolutionMessage | undefined };
type About = { readonly requestId: string; readonly resolutionId: string; readonly reason: string };
type Stepped = Pick<RetryStepResponse, "step" | "resolution">;
/** Only staff act. */
const answer = (resolution: Resolution): Answer => ({ resolution: toResolution(resolution, "AGENT") });

/** The contract's word of a step is its name with other stops. */
const skippables = words(SkippableStep, "SKIPPABLE_STEP_");
const nameOf = (step: SkippableStep) => (skippables.word(step) ?? "").toLowerCase().replace("_", ".");

export function deskActRpc({ store, eligibility, calendars, clock }: DeskActParts): Handlers<typeof methods> {
  const rejudged = rejudges(eligibility);

  async function sceneOf({ market }: Resolution, { caller }: Call): Promise<Scene> {
    const { subject, role } = caller;
    return { actor: { subject, role }, now: clock.now(), calendar: await calendars.load(market) };
  }

  /** One act; the same request again gets its first answer. */
  async function act<Q extends About>(
    method: UnaryMethod<Q, Answer>,
    request: Q,
    call: Call,
    decide: (resolution: Resolution, scene: Scene) => Outcome,
  ) {
    const scene = await sceneOf(await store.find(request.resolutionId), call);
    return store.change(request.resolutionId, byRequest(method, request, call, answer), (r) => decide(r, scene));
  }

  /** An act that has to be judged before: a change that was made gets its first answer, whatever the policy says now. */
  async function judgedAct<Q extends About>(
    method: UnaryMethod<Q, Answer>,
    request: Q,
    call: Call,
    wanted: Wanted,
    decide: typeof core.convert,
    what: Parameters<typeof core.checkChangeable>[1],
  ) {
    const spend = byRequest(method, request, call, answer);
    const judged = await store.orRecall(spend, async () => {
      const before = await store.find(request.resolutionId);
      core.checkChangeable(before, what, kinds.word(wanted.kind) ?? before.kind);
      return { to: await rejudged(before, wanted, call), scene: await sceneOf(before, call) };
    });
    if ("recalled" in judged) return judged.recalled;
    return store.change(request.resolutionId, spend, (r) => decide(r, judged.to, request.reason, judged.scene));
  }

  /** Tries a step again or leaves it undone; a dry run is told the same and stores nothing. */
  async function stepAct<Q extends About & { readonly dryRun: boolean }>(
    method: UnaryMethod<Q, Stepped>,
    request: Q,
    step: string,
    call: Call,
    decide: typeof core.retryStep,
  ): Promise<Stepped> {
    const before = await store.find(request.resolutionId);
    const scene = await sceneOf(before, call);
    const stuck = core.stuckSteps(before).find((one) => one.step === step);
    const told = (r: Resolution): Stepped => ({ step: stuck && toStuck(stuck), resolution: toResolution(r, "AGENT") });
    if (request.dryRun) return told(decide(before, step, request.reason, scene).next);
    return store.change(request.resolutionId, byRequest(method, request, call, told), (r) =>
      decide(r, step, request.reason, scene),
    );
  }

  return {
    holdResolution: (request, call) =>
      act(methods.holdResolution, request, call, (r, scene) =>
        core.hold(r, request.until ?? scene.now, request.reason, scene),
      ),
    releaseResolution: (request, call) =>
      act(methods.releaseResolution, request, call, (r, scene) => core.release(r, request.reason, scene)),
    takeUpResolution: (request, call) =>
      act(methods.takeUpResolution, request, call, (r, scene) => {
        const may = r.state !== "CANCELED" || scene.actor.role === "LEAD";
        check(may, "ROLE_NOT_ALLOWED", `a lead canceled ${r.resolutionId}: a lead takes it up`, {
          role: scene.actor.role,
        });
        return core.takeUp(r, request.reason, scene);
      }),
    extendDeadline: (request, call) =>
      act(methods.extendDeadline, request, call, (r, scene) =>
        core.extend(r, request.step, request.days, request.reason, scene),
      ),
    convertResolution: (request, call) =>
      judgedAct(methods.convertResolution, request, call, request, core.convert, "convert"),
    async changeUnits(request, call) {
      const { kind } = await store.find(request.resolutionId);
      const wanted = { ...request, kind: kinds.value(kind) };
      return judgedAct(methods.changeUnits, request, call, wanted, core.changeUnits, "changeUnits");
    },
    async listStuckSteps({ resolutionId }) {
      return { steps: core.stuckSteps(await store.find(resolutionId)).map(toStuck) };
    },
    retryStep: (request, call) => stepAct(methods.retryStep, request, request.step, call, core.retryStep),
    skipStep: (request, call) => stepAct(methods.skipStep, request, nameOf(request.step), call, core.skipStep),
    clearAttention: (request, call) =>
      act(methods.clearAttention, request, call, (r, scene) =>
        core.clearAttention(r, request.shown, request.reason, scene),
      ),
  };
}

function toStuck({ step, reason, requestId, retried, skipped }: core.Stuck): StuckStep {
  return { step, reason, sentRequestId: requestId, retryEffect: retried, skipEffect: skipped };
}
