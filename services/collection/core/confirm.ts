// The verbs of a hand-over: the driver's word taken, the customer's code made anew, a memo for the driver written.
import { check } from "#kit/pure/check.js";
import { changed, outcome, unchanged } from "./change.js";
import { isOpen } from "./collection.js";
import { triesLeft, wrongCodesMax } from "./handOver.js";
import { handOverConfirmed, handOverLocked } from "./handOverFacts.js";
import { type Confirmation, handOverOf, type ItemCheck } from "./handOverTypes.js";
import { isFetched } from "./methods.js";
import type { Collection, Outcome } from "./types.js";

/** What a driver says. `code` is how the told code compares with the customer's: the core knows no secrets. */
export type Word = {
  readonly driverId: string;
  readonly code: "RIGHT" | "WRONG" | "NONE";
  readonly inPerson: boolean;
  readonly swapped: boolean;
  readonly check: ItemCheck | undefined;
};

/**
 * Takes a driver's word: before the scan or after it, on a collection that was called off, too, since the goods are gone
 * all the same. A second word changes nothing. A wrong code is counted, and the last one locks.
 * @throws DomainError COLLECTION_STATE, HAND_OVER_LOCKED, HAND_OVER_CODE_WRONG where none was told
 */
export function confirm(before: Collection, word: Word, now: Date): Outcome {
  const { collectionId, method, state } = before;
  const handOver = handOverOf(before.handOver);
  if (handOver.confirmation) return unchanged(before);
  const metadata = { collection_id: collectionId, state, verb: "confirm the hand-over" };
  check(isFetched(method), "COLLECTION_STATE", `no driver comes for ${collectionId}: it is ${method}`, metadata);
  check(
    !word.swapped || method === "SWAP_AT_DOOR",
    "COLLECTION_STATE",
    `nothing is brought with ${collectionId}`,
    metadata,
  );
  if (handOver.verification === "OTP") {
    checkUnlocked(before);
    checkTold(before, word);
    if (word.code === "WRONG") return guessed(before, now);
  }
  const inPerson = handOver.verification !== "IN_PERSON" || word.inPerson;
  check(inPerson, "COLLECTION_STATE", `${collectionId} must be handed over in person: set in_person`, metadata);
  const { driverId, swapped, check: seen } = word;
  const confirmation: Confirmation = { time: now, driverId, swapped, check: seen };
  const next = { ...changed(before, now), handOver: { ...handOver, confirmation } };
  return outcome(next, {
    facts: [handOverConfirmed(next, confirmation)],
    todo: seen && seen.photos.length > 0 ? [{ step: "pass-photos", payload: {} }] : [],
  });
}

/** @throws DomainError HAND_OVER_LOCKED */
export function checkUnlocked(collection: Collection): void {
  const { collectionId } = collection;
  check(
    triesLeft(collection) > 0,
    "HAND_OVER_LOCKED",
    `too many wrong codes for ${collectionId}: a person must give the customer a new one`,
    { collection_id: collectionId },
  );
}

/** A driver who tells no code has not guessed. */
function checkTold(collection: Collection, { code }: Word): void {
  const { booking, collectionId } = collection;
  check(code !== "NONE", "HAND_OVER_CODE_WRONG", `ask the customer of ${collectionId} for their six digits`, {
    tracking_number: booking?.trackingNumber ?? "",
    tries_left: String(triesLeft(collection)),
  });
}

function guessed(before: Collection, now: Date): Outcome {
  const handOver = handOverOf(before.handOver);
  const wrongCodes = handOver.wrongCodes + 1;
  const next = { ...changed(before, now), handOver: { ...handOver, wrongCodes } };
  return outcome(next, { facts: wrongCodes >= wrongCodesMax ? [handOverLocked(next, now)] : [] });
}

/** The customer's code is made anew. @throws DomainError HAND_OVER_CODE_NONE */
export function renewCode(before: Collection, now: Date): Outcome {
  checkCoded(before);
  const handOver = handOverOf(before.handOver);
  const anew = { ...handOver, codeRound: handOver.codeRound + 1, wrongCodes: 0 };
  return outcome({ ...changed(before, now), handOver: anew });
}

/** Whether there is a code that somebody still asks for. @throws DomainError HAND_OVER_CODE_NONE */
export function checkCoded(collection: Collection): void {
  const { collectionId, method, state } = collection;
  const handOver = handOverOf(collection.handOver);
  const asked = handOver.verification === "OTP" && isFetched(method) && isOpen(state) && !handOver.confirmation;
  check(asked, "HAND_OVER_CODE_NONE", `nobody asks for a code of ${collectionId}, which is ${state}`, {
    collection_id: collectionId,
    state,
  });
}

/** A word for the driver, who is told as soon as there is one. @throws DomainError COLLECTION_STATE */
export function setDoorMemo(before: Collection, doorMemo: string, now: Date): Outcome {
  const { collectionId, method, state } = before;
  const handOver = handOverOf(before.handOver);
  check(isFetched(method) && isOpen(state), "COLLECTION_STATE", `no driver will read it: ${collectionId} is ${state}`, {
    collection_id: collectionId,
    state,
    verb: "write a door memo",
  });
  if (doorMemo === handOver.doorMemo) return unchanged(before);
  const next = { ...changed(before, now), handOver: { ...handOver, doorMemo } };
  // Of several on their way, the last reads the row.
  return outcome(next, { todo: [{ step: "note-driver", payload: {} }], dropped: ["note-driver"] });
}
