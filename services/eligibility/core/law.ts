// The law of a market as data: what no policy may take away. The shipped ones stand in policies/floors.json; a market that
// is not among them brings its own in its document. The linter holds every draft against it, and decide.ts every answer:
// an old version that says less than the law of today gives way to it.
import type { Calendar } from "#kit/pure/calendar.js";
import data from "../policies/floors.json" with { type: "json" };
import type { LineView, TermsRow } from "./facts.js";
import { endOfPeriod, isBefore, type Times } from "./periods.js";
import {
  flag,
  list,
  nullable,
  optional,
  reader,
  record,
  type Shape,
  shape,
  text,
  titled,
  whole,
  word,
} from "./shape.js";
import { kinds } from "./words.js";

/** A time limit of the law. */
export const clock = titled("clock", shape({ days: whole(0, 366), business_days: flag, article: text() }));
export type Clock = Shape<typeof clock>;

const scalar = reader({ type: ["string", "boolean"] }, (value, path) =>
  typeof value === "boolean" ? value : text()(value, path),
);
/** Fields of a line with the value each must have. */
const condition = titled("condition", record(scalar));
export type Condition = Shape<typeof condition>;

const lawId = text("an id such as kr-law-withdrawal", /^[a-z]{2}-law(-[a-z0-9]+)+$/);
const texts = titled("texts", record(text()));

/** May not be declined: before delivery, and until the days or months after it have passed. */
const right = shape({
  id: lawId,
  article: text(),
  about: text(),
  kinds: list(word(kinds), 1),
  when: condition,
  unless: optional(list(condition)),
  days: optional(whole(1, 366)),
  months: optional(whole(1, 120)),
  /** Days from when the customer came to know, where the law ends it then. */
  known_days: optional(whole(1, 366)),
  /** Months by which it is longer while the customer was not told of it. */
  uninformed_months: optional(whole(1, 120)),
  texts,
});
export type Right = Shape<typeof right>;

/** Lines that may bear no charge. */
const exemption = shape({ id: lawId, article: text(), when: condition, texts });

export const law = shape({
  window: shape({
    starts: word(["EACH_PARCEL", "LAST_OF_LINE", "LAST_OF_ORDER"]),
    last_day_moves: flag,
    article: text(),
  }),
  rights: list(right, 1),
  free: list(exemption),
  /** The only charges a customer may bear: anything else is a penalty. */
  fees: shape({ codes: list(text()), article: text() }),
  /** The article by which a fee needs a notice, if any. */
  fee_notice: nullable(text()),
  /** Days a customer has for handing over before anything may lapse. */
  handover: shape({ days: whole(1, 366), article: text() }),
  refund_clock: clock,
  collection_clock: nullable(clock),
  /** The article that forbids a request to withdraw itself, if any. */
  auto_withdrawal: nullable(text()),
  /** For what something may be deducted after inspection. */
  deductions: shape({ causes: list(text()), article: text() }),
});
export type Law = Shape<typeof law>;

const shipped = record(law)(data, "");

/** The markets whose law is known here. */
export const marketsWithLaw = Object.keys(shipped);

/** The law of a document's market: the shipped one, else the document's own. Undefined if neither says any. */
export function lawOf({ market, law }: { readonly market: string; readonly law?: Law | undefined }): Law | undefined {
  return shipped[market] ?? law;
}

function fitsAll(fields: object, condition: Condition): boolean {
  for (const field in condition) if ((fields as Condition)[field] !== condition[field]) return false;
  return true;
}

/** Whether the right is about such a line, whatever the time. */
function covers({ kinds, when, unless = [] }: Right, view: LineView): boolean {
  return kinds.includes(view.kind) && fitsAll(view, when) && !unless.some((exception) => fitsAll(view, exception));
}

/** When a right ends; undefined before delivery, or where it has no end. */
export function endOfRight({ window }: Law, right: Right, calendar: Calendar, times: Times) {
  const { days = null, months = null, known_days = null, uninformed_months = null } = right;
  return endOfPeriod(calendar, { days, months, known_days, uninformed_months }, times, window.last_day_moves);
}

/** The right by which a line may not be declined now. */
export function rightOf(law: Law, calendar: Calendar, view: LineView, times: Times, now: Date): Right | undefined {
  return law.rights.find(
    (right) => covers(right, view) && (!view.delivered || isBefore(now, endOfRight(law, right, calendar, times))),
  );
}

/** Why a charge may not be made: the exemption, or the article that knows no such charge. Undefined if it may. */
export function chargeForbidden(law: Law, view: LineView, { fee_code }: TermsRow): { article: string } | undefined {
  if (fee_code === null) return undefined;
  const exempt = law.free.find(({ when }) => fitsAll(view, when));
  if (exempt) return exempt;
  return law.fees.codes.includes(fee_code) ? undefined : law.fees;
}
