// Sellers and carriers reach what is theirs, and what is somebody else's is not there for them.
import { CustodyStage } from "#gen/backhaul/inspection/v1/inspection.js";
import { InvalidRequest } from "#kit/errors.js";
import { check } from "#kit/pure/check.js";
import type { Claim } from "./core/disputes.js";
import type { Inspection } from "./core/types.js";
import { lineDetail } from "./core/units.js";

/** A seller disputes as the seller, about goods that they sold. @throws DomainError INSPECTION_NOT_FOUND; InvalidRequest */
export function assertSells(inspection: Inspection, { lineId, party }: Claim, seller: string): void {
  assertTheirs(inspection, lineDetail(inspection, lineId)?.sellerId === seller);
  if (party !== "SELLER") throw new InvalidRequest([{ field: "party", description: "must be the seller, who asks" }]);
}

/** A carrier shows what its driver saw of a parcel that it carries. @throws DomainError INSPECTION_NOT_FOUND; InvalidRequest */
export function assertCarries(inspection: Inspection, carrier: string, stage: CustodyStage): void {
  assertTheirs(
    inspection,
    inspection.inbound.some((parcel) => parcel.carrier === carrier),
  );
  if (stage !== CustodyStage.CUSTODY_STAGE_DRIVER)
    throw new InvalidRequest([{ field: "stage", description: "must be the driver's, whose carrier asks" }]);
}

function assertTheirs({ inspectionId }: Inspection, theirs: boolean): void {
  check(theirs, "INSPECTION_NOT_FOUND", `no inspection ${inspectionId}`, { inspection_id: inspectionId });
}
