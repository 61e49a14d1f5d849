// Who carries it: the cheapest that is there in time. The same question always gets the same answer, and says why.
import { compare } from "#kit/pure/money.js";
import type { CarrierReason, Method } from "../types.js";
import type { NotOfferedReason, Offer, OpenSlot, Option } from "./offer.js";

/** What is wished for. */
export type Wish = {
  readonly method: Method;
  /** The slot the customer chose; "" for the first of whoever is chosen. */
  readonly slotId: string;
  /** When it should be at the return centre; undefined: nothing presses. */
  readonly neededTime: Date | undefined;
};

/** Who was chosen. `slot` is undefined where the customer brings it. */
export type Choice = { readonly option: Option; readonly slot: OpenSlot | undefined; readonly reason: CarrierReason };

/** Why nobody was. SLOT_GONE: somebody could, but not in the slot that was chosen. */
export type NoChoice = NotOfferedReason | "SLOT_GONE";

type Candidate = { readonly option: Option; readonly slot: OpenSlot | undefined; readonly arrival: number };

export function choose(offered: Offer, { method, slotId, neededTime }: Wish): Choice | NoChoice {
  const options = offered.options.filter((option) => option.method === method);
  if (options.length === 0) return whyNot(offered, method);
  const candidates = options.flatMap((option): Candidate[] => {
    if (option.slots.length === 0) return [{ option, slot: undefined, arrival: option.promiseTime.getTime() }];
    const slot = slotId === "" ? option.slots[0] : option.slots.find((it) => it.slotId === slotId);
    return slot ? [{ option, slot, arrival: slot.promiseTime.getTime() }] : [];
  });
  const inTime = candidates.filter(({ arrival }) => !neededTime || arrival <= neededTime.getTime());
  const late = inTime.length === 0;
  const [best] = late ? candidates.sort(soonest) : inTime.sort(cheapest);
  if (!best) return "SLOT_GONE";
  const { option, slot } = best;
  const cheaperIsLate = candidates.some((other) => compare(other.option.cost, option.cost) < 0);
  const reason =
    candidates.length === 1 ? "ONLY_ONE" : late ? "FASTEST" : cheaperIsLate ? "CHEAPEST_IN_TIME" : "CHEAPEST";
  return { option, slot, reason };
}

function cheapest(one: Candidate, other: Candidate): number {
  return compare(one.option.cost, other.option.cost) || one.arrival - other.arrival || byName(one, other);
}

function soonest(one: Candidate, other: Candidate): number {
  return one.arrival - other.arrival || compare(one.option.cost, other.option.cost) || byName(one, other);
}

function byName({ option: one }: Candidate, { option: other }: Candidate): number {
  return one.carrier < other.carrier ? -1 : 1;
}

/** The reason nearest to being none: a carrier that is full tells more than one that does not come there at all. */
function whyNot({ notOffered }: Offer, method: Method): NotOfferedReason {
  const told = notOffered.filter((it) => it.method === method).map(({ reason }) => reason);
  return (
    (["NO_SLOT_LEFT", "TOO_HEAVY", "TOO_LARGE", "TEMPERATURE"] as const).find((it) => told.includes(it)) ??
    told[0] ??
    "AREA_NOT_SERVED"
  );
}
