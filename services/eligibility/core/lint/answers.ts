// The answers of a table: plain values, inside what the table may answer, that do not contradict each other.
import { stepOf } from "#kit/pure/money.js";
import type { PolicyDocument } from "../document.js";
import { answerOf } from "../engine.js";
import { outputs, type TableName } from "../facts.js";
import { causeOf } from "./cells.js";
import { type Finding, fault } from "./finding.js";

type Answer = Readonly<Record<string, unknown>>;

/** What is wrong with the answers of a row. */
export function* lintAnswer(
  document: PolicyDocument,
  name: TableName,
  cells: Readonly<Record<string, string>>,
  path: string,
): Generator<Finding> {
  const judges: Readonly<Record<string, (value: unknown) => string | undefined>> = outputs[name];
  const answer: Record<string, unknown> = {};
  const wrong: Finding[] = [];
  for (const { id, field } of document.tables[name].outputs) {
    const cell = cells[id] ?? "";
    const where = `${path}.${id}`;
    if (cell.trim() === "") {
      wrong.push(fault("ANSWER_BROKEN", where, `is missing: ${name} must answer ${field}`));
      continue;
    }
    // zen reads an unknown name as null, so a word without its quotes would pass as no answer; and a function such as
    // rand() would answer anew each time, or take minutes. So none of these is tried.
    if (!isPlain(cell)) {
      wrong.push(fault("ANSWER_BROKEN", where, `${cell} is no plain value: write null, or put words in double quotes`));
      continue;
    }
    try {
      answer[field] = answerOf(cell);
    } catch (error) {
      wrong.push(fault("ANSWER_BROKEN", where, `"${cell}" does not work as an answer: ${causeOf(error)}`));
      continue;
    }
    const problem = judges[field]?.(answer[field]);
    if (problem) wrong.push(fault("ANSWER_INVALID", where, `${problem}, not ${cell}`));
  }
  yield* wrong;
  if (wrong.length > 0) return;
  if (name === "window") yield* lintWindow(answer, path);
  if (name === "terms") yield* lintTerms(document, answer, path);
}

function isPlain(cell: string): boolean {
  try {
    JSON.parse(cell);
    return true;
  } catch {
    return false;
  }
}

function* lintWindow(answer: Answer, path: string): Generator<Finding> {
  const { days, months, review_months, known_days, uninformed_months } = answer;
  const endless = days === null && months === null;
  if (days !== null && months !== null) {
    yield fault("ANSWER_CONTRADICTS", path, "has both days and months: set one to null");
  }
  const extras = Object.entries({ review_months, known_days, uninformed_months });
  for (const [field, value] of extras) {
    if (!endless || value === null) continue;
    yield fault("ANSWER_CONTRADICTS", path, `has ${field} but no window: give days or months, or set it to null`);
  }
}

function* lintTerms({ currency }: PolicyDocument, answer: Answer, path: string): Generator<Finding> {
  const { refund_trigger, collect, inspect, fee_code, fee_minor } = answer;
  const nothing = (what: string) => fault("ANSWER_CONTRADICTS", path, `nothing is collected, so ${what}`);
  if (!collect && refund_trigger !== "ON_APPROVAL") yield nothing(`${refund_trigger} never comes: say ON_APPROVAL`);
  if (!collect && inspect) yield nothing("nothing can be inspected");
  if (!collect && fee_code !== null) yield nothing("nothing can be charged for it");
  if (collect && !inspect && refund_trigger === "ON_INSPECTION") {
    yield fault("ANSWER_CONTRADICTS", path, "nothing is inspected, so ON_INSPECTION never comes: say another trigger");
  }
  if ((fee_code === null) !== (fee_minor === 0))
    yield fault("ANSWER_CONTRADICTS", path, "fee_code and fee_minor must both be set, or null and 0");
  const step = stepOf(currency);
  if (BigInt(Number(fee_minor)) % step !== 0n)
    yield fault("FEE_UNPAYABLE", path, `${fee_minor} cannot be paid in ${currency}: make it a multiple of ${step}`);
}

/** A reminder has to come after the request. @param document whose deadlines read */
export function* lintReminders({ handover, tables }: PolicyDocument): Generator<Finding> {
  const { outputs, rules } = tables.deadlines;
  const id = outputs.find(({ field }) => field === "handover_days")?.id ?? "";
  const [first] = handover.reminder_days;
  const least = rules.reduce((a, b) => (Number(b[id]) < Number(a[id]) ? b : a));
  if (first === undefined || first < Number(least[id])) return;
  const problem = `a reminder ${first} days before the deadline would come before the request`;
  const advice = `give more than ${first} days there, or say fewer here`;
  const path = "handover.reminder_days[0]";
  yield fault("REMINDERS_BROKEN", path, `${problem}, for ${least._id} gives ${least[id]}: ${advice}`);
}
