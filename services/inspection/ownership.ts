// Sellers and carriers reach what is theirs, and what is somebody else's is not there for them.
import { CustodyStage } from "#gen/backhaul/inspection/v1/inspection.js";
import { type Caller, isInMarket } from "#kit/access.js";
import { InvalidRequest } from "#kit/errors.js";
import { check } from "#kit/pure/check.js";
import type { Claim } from "./core/disputes.js";
import { type Inspection, noTerms } from "./core/types.js";
import { lineDetail } from "./core/units.js";

/** A seller disputes as the seller, about goods that they sold. @throws DomainError INSPECTION_NOT_FOUND; InvalidRequest */
export function assertSells(inspection: Inspection, { lineId, party }: Claim, seller: Caller): void {
  const sold = lineDetail(inspection, lineId)?.sellerId === seller.subject;
  assertTheirs(inspection, sold && isInMarket(seller, inspection.market));
  if (party !== "SELLER") throw new InvalidRequest([{ field: "party", description: "must be the seller, who asks" }]);
}

/** What a seller is answered: their own lines, and what they said of them themselves. */
export function seenBySeller(inspection: Inspection, { subject }: Caller): Inspection {
  const own = ({ lineId }: { readonly lineId: string }) => lineDetail(inspection, lineId)?.sellerId === subject;
  return {
    ...inspection,
    expected: inspection.expected.filter(own),
    findings: inspection.findings.filter(own),
    recorded: inspection.recorded.filter(own),
    disputes: inspection.disputes.filter((dispute) => own(dispute) && dispute.party === "SELLER"),
    terms: noTerms,
    receipts: [],
    inbound: [],
    attention: [],
    inspector: "",
    completedWithout: [],
  };
}

/** A carrier shows what its driver saw of a parcel that it carries. @throws DomainError INSPECTION_NOT_FOUND; InvalidRequest */
export function assertCarries(inspection: Inspection, carrier: Caller, stage: CustodyStage): void {
  const carried = inspection.inbound.some((parcel) => parcel.carrier === carrier.subject);
  assertTheirs(inspection, carried && isInMarket(carrier, inspection.market));
  if (stage !== CustodyStage.CUSTODY_STAGE_DRIVER)
    throw new InvalidRequest([{ field: "stage", description: "must be the driver's, whose carrier asks" }]);
}

function assertTheirs({ inspectionId }: Inspection, theirs: boolean): void {
  check(theirs, "INSPECTION_NOT_FOUND", `no inspection ${inspectionId}`, { inspection_id: inspectionId });
}
