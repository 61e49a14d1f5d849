// A waybill: the number under which the customer's own carrier takes the goods. Checked as far as the carrier's numbers are
// known, since a slip of the pen would leave the parcel unseen on its way, and the refund waiting for it.
import { check, DomainError } from "#kit/pure/check.js";
import { changed, outcome, unchanged } from "./change.js";
import { callOff, isOpen } from "./collection.js";
import { firstLook, isWatched } from "./dwell.js";
import { waybillEntered } from "./handOverFacts.js";
import { otherCarrier } from "./methods.js";
import type { Collection, Outcome } from "./types.js";

type Numbers = { readonly pattern: RegExp; readonly shape: string; readonly fits?: (digits: string) => boolean };

/** DHL Express: the last digit is the remainder of all before it by seven. */
const bySeven = (number: string) => Number(number.slice(0, -1)) % 7 === Number(number.at(-1));

/** Weights of the UPU's S10, whose number stands between two letters and a country. */
const s10Weights = [8, 6, 4, 2, 3, 5, 9, 7];

function s10(number: string): boolean {
  const digits = number.slice(2, 10);
  const sum = s10Weights.reduce((total, weight, i) => total + weight * Number(digits[i]), 0);
  const rest = 11 - (sum % 11);
  return Number(number[10]) === (rest === 10 ? 0 : rest === 11 ? 5 : rest);
}

const s10Numbers: Numbers = {
  pattern: /^[A-Z]{2}\d{9}[A-Z]{2}$/,
  shape: "2 letters, 9 digits, 2 letters",
  fits: s10,
};

const anyNumber: Numbers = { pattern: /^[A-Z0-9]{6,40}$/, shape: "6 to 40 letters and digits" };
const digits = (count: number): Numbers => ({ pattern: new RegExp(`^\\d{${count}}$`), shape: `${count} digits` });

/** By our names of carriers: those whose reports find their way to us, and the one for all others. */
const numbers: ReadonlyMap<string, readonly Numbers[]> = new Map([
  // What Korean carriers say of their check digits contradicts itself: a good number refused is worse than a slip.
  ["cj", [digits(10), digits(12)]],
  ["hanjin", [digits(10), digits(12)]],
  ["lotte", [digits(12)]],
  ["koreapost", [digits(13), s10Numbers]],
  ["tcat", [digits(10), digits(12)]],
  ["seven", [anyNumber]],
  ["family", [anyNumber]],
  ["okmart", [anyNumber]],
  ["hilife", [anyNumber]],
  ["royalmail", [s10Numbers]],
  ["hermes", [digits(16)]],
  ["dpd", [digits(14)]],
  ["gls", [anyNumber]],
  ["ups", [{ pattern: /^1Z[A-Z0-9]{16}$/, shape: "1Z and 16 letters and digits" }]],
  ["usps", [digits(20), digits(22), s10Numbers]],
  ["fedex", [digits(12), digits(15)]],
  ["dhl_express", [{ ...digits(10), fits: bySeven }]],
  [otherCarrier, [anyNumber]],
]);

/** A number as it is stored and reported: no spaces or hyphens, capitals. */
export function plainNumber(number: string): string {
  return number.replaceAll(/[ -]/g, "").toUpperCase();
}

/** @throws DomainError WAYBILL_INVALID */
export function checkNumber({ carrier, trackingNumber }: Waybill): void {
  const refuse = (problem: string, description: string) => {
    const metadata = { carrier, tracking_number: trackingNumber, problem };
    return new DomainError("WAYBILL_INVALID", description, metadata);
  };
  const known = numbers.get(carrier);
  if (!known) throw refuse("CARRIER", `${carrier} is not on file: enter the parcel under "${otherCarrier}"`);
  const alike = known.filter(({ pattern }) => pattern.test(trackingNumber));
  const shapes = known.map(({ shape }) => shape).join(", or ");
  if (alike.length === 0) throw refuse("SHAPE", `a number of ${carrier} has ${shapes}`);
  const fits = alike.some((one) => one.fits?.(trackingNumber) ?? true);
  if (!fits) throw refuse("CHECK_DIGIT", `${trackingNumber} is misread: its check digit does not fit`);
}

/** What the customer read off their receipt. */
export type Waybill = { readonly carrier: string; readonly trackingNumber: string };

/**
 * The customer sends it on their own; our label is called off. The number can be mended until the first scan.
 * @throws DomainError COLLECTION_STATE
 */
export function enterWaybill(before: Collection, waybill: Waybill, now: Date): Outcome {
  const { collectionId, state, method, booking, parcels } = before;
  const metadata = { collection_id: collectionId, state, verb: "enter a waybill" };
  check(
    method === "CUSTOMER_SHIPS" && isOpen(state) && booking !== undefined && parcels.length < 2,
    "COLLECTION_STATE",
    `${collectionId} is ${method} and ${state} in ${parcels.length || 1} parcels: it takes no waybill`,
    metadata,
  );
  if (booking.carrier === waybill.carrier && booking.trackingNumber === waybill.trackingNumber)
    return unchanged(before);
  // A carrier of the customer's own has no booking of ours to ask for or to call off.
  const next = { ...changed(before, now), booking: { ...waybill, bookingId: "" }, parcels: [] };
  const look = isWatched(next) && !isWatched(before) ? [firstLook(next, now)] : [];
  return outcome(next, {
    facts: [waybillEntered(next, waybill, now)],
    todo: [...(booking.bookingId === "" ? [] : callOff(booking.bookingId)), ...look],
    dropped: isWatched(before) && !isWatched(next) ? ["watch"] : [],
  });
}
