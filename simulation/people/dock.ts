// The dock and the bench: parcels are received some hours after they arrive, and looked into some hours later. What was
// in them is drawn: all, some, none of it as it should be.
import { Condition, Disposition, type Finding, Grade, UnitVerdict } from "#gen/backhaul/inspection/v1/inspection.js";
import { InspectionServiceService } from "#gen/backhaul/inspection/v1/inspection_service.js";
import type { Row } from "../database/table.js";
import type { World } from "../world/types.js";
import { insist, letGo } from "./person.js";

const hour = 3_600_000;
/** How often the dock looks for the paper of a parcel before it stays where it is. */
const looksMax = 40;

export function openDock(world: World) {
  const { schedule } = world;
  const chance = schedule.chance("dock");
  const looking = new Set<string>();
  let acts = 0;
  const bella = world.network.as({ subject: "bella", role: "WAREHOUSE", via: "" })(InspectionServiceService);
  const inspectionOf = (resolutionId: string) =>
    world.schemas.inspection?.table("inspection").where((row) => row.resolutionId === resolutionId)[0];

  /** A parcel of a resolution is here. */
  function arrived(resolutionId: string, looks = 1): void {
    schedule.after(chance.between(hour, 8 * hour), () => {
      const inspection = inspectionOf(resolutionId);
      if (!inspection || inspection.state === "CANCELED") {
        if (looks < looksMax) arrived(resolutionId, looks + 1);
        return;
      }
      const request = { requestId: `dock-${++acts}`, inspectionId: inspection.inspectionId };
      const what = `receipt of ${inspection.inspectionId}`;
      letGo(
        world,
        "dock",
        insist(world, what, () => bella.receiveParcel(request)),
      );
    });
  }

  /** Called with every inspection as it is committed. */
  function noticed({ inspectionId, state }: Row): void {
    if (state !== "REGISTERED" || looking.has(inspectionId)) return;
    looking.add(inspectionId);
    schedule.after(chance.between(2 * hour, 60 * hour), () => letGo(world, "bench", look(inspectionId)));
  }

  async function look(inspectionId: string): Promise<void> {
    const row = world.schemas.inspection?.table("inspection").get(inspectionId);
    if (row?.state === "REGISTERED") {
      const findings = (row.expected as Row[]).flatMap(({ lineId, quantity }) => found(lineId, quantity));
      const request = { requestId: `bench-${++acts}`, inspectionId, findings, withoutOutstanding: true };
      await insist(world, `findings of ${inspectionId}`, () => bella.completeInspection(request));
    }
    looking.delete(inspectionId);
    const now = world.schemas.inspection?.table("inspection").get(inspectionId);
    if (now) noticed(now);
  }

  function found(lineId: string, quantity: number): Finding[] {
    const rejected = chance.percent(25) ? chance.between(0, quantity) : 0;
    const missing = chance.percent(12) ? chance.between(0, quantity - rejected) : 0;
    const units = [
      [quantity - rejected - missing, fine],
      [rejected, broken],
      [missing, gone],
    ] as const;
    return units.flatMap(([n, said]) => (n > 0 ? [{ lineId, quantity: n, note: "", detail: undefined, ...said }] : []));
  }

  return { arrived, noticed };
}

const fine = {
  verdict: UnitVerdict.UNIT_VERDICT_ACCEPTED,
  grade: Grade.GRADE_LIKE_NEW,
  condition: Condition.CONDITION_SELLABLE,
  disposition: Disposition.DISPOSITION_RESTOCKED,
};
const broken = {
  verdict: UnitVerdict.UNIT_VERDICT_REJECTED,
  grade: Grade.GRADE_UNSELLABLE,
  condition: Condition.CONDITION_CUSTOMER_DAMAGED,
  disposition: Disposition.DISPOSITION_RETURN_TO_CUSTOMER,
};
const gone = {
  verdict: UnitVerdict.UNIT_VERDICT_MISSING,
  grade: Grade.GRADE_UNSPECIFIED,
  condition: Condition.CONDITION_MISSING,
  disposition: Disposition.DISPOSITION_MISSING,
};
