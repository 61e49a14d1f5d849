// One act on many resolutions. Each row goes through the act's own rpc, as whoever asked and under a request id made from
// the bulk's, so that it is done once however often the bulk is sent or taken up again.
import type { DeskActServiceService } from "#gen/backhaul/resolution/v1/desk_act_service.js";
import {
  type Bulk as BulkMessage,
  BulkRowState,
  DeskBulkServiceService as methods,
  RunBulkRequest,
} from "#gen/backhaul/resolution/v1/desk_bulk_service.js";
import type { DeskServiceService } from "#gen/backhaul/resolution/v1/desk_service.js";
import type { ResolutionServiceService } from "#gen/backhaul/resolution/v1/resolution_service.js";
import type { Agenda, StepHandler } from "#kit/agenda.js";
import { byRequest } from "#kit/aggregate.js";
import type { Call } from "#kit/call.js";
import type { Clock } from "#kit/clock.js";
import type { RoleWord } from "#kit/contracts.js";
import { newId } from "#kit/ids.js";
import { DomainError } from "#kit/pure/check.js";
import type { Handlers } from "#kit/server.js";
import type { Bulk, BulkResult, Bulks } from "./bulkStore.js";

export type BulkParts = {
  readonly bulks: Bulks;
  readonly resolutions: Pick<Handlers<typeof ResolutionServiceService>, "approveResolution" | "declineResolution">;
  readonly desk: Pick<Handlers<typeof DeskServiceService>, "assignCase" | "unassignCase" | "writeNote">;
  readonly acts: Pick<
    Handlers<typeof DeskActServiceService>,
    "holdResolution" | "releaseResolution" | "extendDeadline" | "clearAttention"
  >;
  readonly agenda: Agenda;
  readonly clock: Clock;
};

/** So many rows are under way at once. */
const atOnce = 4;
/** What may be otherwise a moment later is no result. */
const passing: ReadonlySet<string> = new Set(["CONTENTION", "STORE_UNAVAILABLE", "DEADLINE_EXCEEDED", "DRAINING"]);

export function openBulkWork(parts: BulkParts) {
  const { bulks, agenda, clock } = parts;

  /** The act on one row. */
  function act(
    { bulkId, reason }: Pick<Bulk, "bulkId" | "reason">,
    asked: RunBulkRequest,
    resolutionId: string,
    call: Call,
  ) {
    const { resolutions, desk, acts } = parts;
    const row = { requestId: `${bulkId}.${resolutionId}`, resolutionId };
    switch (asked.act?.$case) {
      case "approve":
        return resolutions.approveResolution({ ...row, note: reason }, call);
      case "decline":
        return resolutions.declineResolution({ ...row, text: reason }, call);
      case "assign":
        return desk.assignCase({ ...row, assignee: asked.act.value.assignee, reason }, call);
      case "unassign":
        return desk.unassignCase({ ...row, reason }, call);
      case "hold":
        return acts.holdResolution({ ...row, until: asked.act.value.until, reason }, call);
      case "release":
        return acts.releaseResolution({ ...row, reason }, call);
      case "extend":
        return acts.extendDeadline({ ...row, step: "handover", days: asked.act.value.days, reason }, call);
      case "note":
        return desk.writeNote({ ...row, text: reason, attachments: [] }, call);
      case "clearAttention":
        return acts.clearAttention({ ...row, shown: "", reason }, call);
      default:
        throw new RangeError("the contract lets no bulk in without an act");
    }
  }

  /** Undefined: nobody knows yet, it is tried again. */
  async function resultOf(work: () => Promise<unknown>): Promise<Omit<BulkResult, "resolutionId"> | undefined> {
    try {
      await work();
      return { reason: "", message: "" };
    } catch (error) {
      if (!(error instanceof DomainError) || passing.has(error.reason)) return undefined;
      return { reason: error.reason, message: error.message };
    }
  }

  /** Does what is left of it, as whoever asked. */
  async function goOn(bulk: Bulk, surface: Call["surface"]): Promise<void> {
    const asked = RunBulkRequest.decode(bulk.asked);
    const done = new Set((await bulks.results(bulk.bulkId)).map(({ resolutionId }) => resolutionId));
    const left = asked.resolutionIds.filter((id) => !done.has(id));
    const caller = { subject: bulk.actor, role: bulk.actorRole as RoleWord, via: "resolution" };
    const worker = async () => {
      for (let id = left.shift(); id !== undefined; id = left.shift()) {
        const resolutionId = id;
        const row = () => act(bulk, asked, resolutionId, { caller, surface });
        const result = await resultOf(row);
        if (result) await bulks.keep(bulk.bulkId, { resolutionId, ...result });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  }

  async function shown(bulk: Bulk): Promise<BulkMessage> {
    const asked = RunBulkRequest.decode(bulk.asked);
    const known = new Map((await bulks.results(bulk.bulkId)).map((result) => [result.resolutionId, result]));
    const rows = asked.resolutionIds.map((resolutionId) => {
      const { reason = "", message = "" } = known.get(resolutionId) ?? {};
      return { resolutionId, state: stateOf(known.get(resolutionId)), reason, message };
    });
    const { bulkId, actor, createTime } = bulk;
    return { bulkId, actor, createTime, rows, pending: rows.length - known.size };
  }

  const rpc: Handlers<typeof methods> = {
    async runBulk(request, call) {
      const begun = ({ bulkId, actor, createTime }: Bulk): { bulk: BulkMessage | undefined } => {
        return { bulk: { bulkId, actor, createTime, rows: [], pending: request.resolutionIds.length } };
      };
      const { subject, role } = call.caller;
      const bulk = await bulks.create(byRequest(methods.runBulk, request, call, begun), {
        bulkId: newId("blk"),
        asked: RunBulkRequest.encode({ ...request, reason: "" }).finish(),
        reason: request.reason,
        actor: subject,
        actorRole: role,
        createTime: clock.now(),
      });
      const kept = await bulks.find(bulk.bulk?.bulkId ?? "");
      await goOn(kept, call.surface);
      return { bulk: await shown(kept) };
    },

    async getBulk({ bulkId }) {
      return { bulk: await shown(await bulks.find(bulkId)) };
    },
  };

  /** What was interrupted goes on; until every row is known it is tried again. */
  const step: StepHandler = {
    run: async (leased) => {
      const bulk = await bulks.find(leased.aggregateId);
      await goOn(bulk, undefined);
      const { pending } = await shown(bulk);
      if (pending > 0) throw new DomainError("CONTENTION", `${pending} rows of ${bulk.bulkId} are not done yet`, {});
      agenda.finish(leased);
    },
    // Its rows stay pending, for whoever reads it and sends it again.
    giveUp: async (leased) => {
      agenda.finish(leased);
    },
  };
  return { rpc, step };
}

function stateOf(result: BulkResult | undefined): BulkRowState {
  if (!result) return BulkRowState.BULK_ROW_STATE_PENDING;
  return result.reason === "" ? BulkRowState.BULK_ROW_STATE_DONE : BulkRowState.BULK_ROW_STATE_REFUSED;
}
