// The desk: looks at every resolution that waits for a person, some time after it began to, and does what its attention
// item asks for.
import { DeskActServiceService } from "#gen/backhaul/resolution/v1/desk_act_service.js";
import { ResolutionServiceService } from "#gen/backhaul/resolution/v1/resolution_service.js";
import { fromJson } from "#kit/json.js";
import { type Money, toProto } from "#kit/pure/money.js";
import type { Row } from "../database/table.js";
import type { World } from "../world/types.js";
import { insist, letGo } from "./person.js";

const hour = 3_600_000;
/** A case that so many looks could not settle stays as it is, and is seen at the end. */
const looksMax = 40;

export function openStaff(world: World) {
  const { schedule } = world;
  const chance = schedule.chance("staff");
  const looks = new Map<string, number>();
  const looking = new Set<string>();
  let acts = 0;
  const lead = world.network.as({ subject: "lena", role: "LEAD", via: "" })(ResolutionServiceService);
  const finance = world.network.as({ subject: "fiona", role: "FINANCE", via: "" })(ResolutionServiceService);
  const desk = world.network.as({ subject: "lena", role: "LEAD", via: "" })(DeskActServiceService);
  const rowOf = (resolutionId: string) => world.schemas.resolution?.table("resolution").get(resolutionId);

  /** Called with every resolution as it is committed. */
  function noticed({ resolutionId, state, hold }: Row): void {
    if ((state !== "PENDING_REVIEW" && !hold) || looking.has(resolutionId)) return;
    if ((looks.get(resolutionId) ?? 0) >= looksMax) return;
    looking.add(resolutionId);
    schedule.after(chance.between(2 * hour, 50 * hour), () => letGo(world, "staff", look(resolutionId)));
  }

  async function look(resolutionId: string): Promise<void> {
    looks.set(resolutionId, (looks.get(resolutionId) ?? 0) + 1);
    const row = rowOf(resolutionId);
    if (row) await act(row);
    looking.delete(resolutionId);
    const now = rowOf(resolutionId);
    if (now) noticed(now);
  }

  async function act({ resolutionId, state, hold, goods, money, refundId, terms }: Row): Promise<unknown> {
    const request = { requestId: `staff-${++acts}`, resolutionId };
    const noted = { ...request, note: "seen to" };
    const insisted = <R>(ask: () => Promise<R>) => insist(world, `${resolutionId} at ${hold?.reason ?? state}`, ask);
    if (state === "PENDING_REVIEW") {
      return chance.percent(75)
        ? insisted(() => lead.approveResolution(noted))
        : insisted(() => lead.declineResolution({ ...request, text: "No." }));
    }
    if (!hold) return undefined;
    const steps = [hold, ...(hold.behind ?? [])].map(({ step }: Row) => step as string);
    if (steps.some((step) => step !== "")) return insisted(() => lead.resumeResolution(request));
    if (money === "RECOVERING") {
      const recovered = chance.percent(60);
      return insisted(() => finance.settleRecovery({ ...noted, recovered }));
    }
    if (money === "MANUAL_REQUIRED" && refundId === "") {
      const paid: Money = { minor: 100n, currency: fromJson<Row>(terms).fees[0]?.amount.currency ?? "GBP" };
      return insisted(() => finance.settleGiftRefund({ ...noted, amount: toProto(paid) }));
    }
    if (money === "MANUAL_REQUIRED" && state === "OPEN") return undefined;
    if (state === "OPEN" && goods === "COLLECTING" && /took the goods/.test(hold.reason))
      return insisted(() => lead.confirmHandOver(noted));
    if (state === "OPEN" && goods === "COLLECTING" && /not handed over in time/.test(hold.reason))
      return insisted(() => lead.cancelResolution(noted));
    return insisted(() => desk.clearAttention({ ...request, reason: "seen to", shown: "" }));
  }

  return { noticed };
}
