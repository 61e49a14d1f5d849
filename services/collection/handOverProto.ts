// Between the contract's messages of a hand-over and the core's words.
import type { ScheduleCollectionRequest } from "#gen/backhaul/collection/v1/collection_service.js";
import { type HandOver as HandOverMessage, HandOverProof } from "#gen/backhaul/collection/v1/hand_over.js";
import { type ItemCheck as ItemCheckMessage, LabelFormat } from "#gen/backhaul/collection/v1/hand_over_service.js";
import { Verification as VerificationValue } from "#gen/backhaul/eligibility/v1/decision.js";
import { words } from "#kit/words.js";
import { proofOf } from "./core/handOver.js";
import {
  type HandOver,
  handOverOf,
  type ItemCheck,
  type Temperature,
  type Verification,
} from "./core/handOverTypes.js";
import type { Collection } from "./core/types.js";
import type { LabelFormat as Format } from "./labels/label.js";

export const verifications = words(VerificationValue, "VERIFICATION_");
const proofs = words(HandOverProof, "HAND_OVER_PROOF_");
const formats = words(LabelFormat, "LABEL_FORMAT_");

/** The memo is not in it: whoever reads a collection need not know how to get in. */
export function toHandOver(collection: Collection): HandOverMessage {
  const { verification, wrongCodes, confirmation } = handOverOf(collection.handOver);
  const { check } = confirmation ?? {};
  return {
    verification: verifications.value(verification),
    proof: proofs.value(proofOf(collection)),
    confirmTime: confirmation?.time,
    wrongCodes,
    swapped: confirmation?.swapped ?? false,
    check: check && {
      unitsSeen: check.unitsSeen,
      rightItem: check.rightItem,
      mediaIds: check.photos.map(({ mediaId }) => mediaId),
    },
  };
}

/** What is asked for with a collection; undefined where that is nothing. */
export function handOverAsked(
  request: Pick<ScheduleCollectionRequest, "verification" | "doorMemo" | "temperature" | "bringsHoldId">,
): HandOver | undefined {
  const verification: Verification = verifications.word(request.verification) ?? "NONE";
  // The contract lets no other words in.
  const temperature = (request.temperature || "AMBIENT") as Temperature;
  const { doorMemo, bringsHoldId } = request;
  if (verification === "NONE" && temperature === "AMBIENT" && doorMemo + bringsHoldId === "") return undefined;
  return handOverOf({ verification, temperature, doorMemo, bringsHoldId });
}

/** What the carrier is told with a booking. */
export function toBooked(handOver: HandOver | undefined) {
  const { doorMemo, bringsHoldId, verification } = handOverOf(handOver);
  return { doorMemo, bringsHoldId, verification: verifications.value(verification) };
}

export function toItemCheck(check: ItemCheckMessage | undefined): ItemCheck | undefined {
  if (!check) return undefined;
  const { unitsSeen, rightItem, photos } = check;
  return { unitsSeen, rightItem, photos: photos.map(({ mediaId, sha256 }) => ({ mediaId, sha256 })) };
}

export function formatOf(format: LabelFormat): Format {
  return formats.word(format) ?? "PDF";
}
