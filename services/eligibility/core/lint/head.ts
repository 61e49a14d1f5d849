// What stands beside the tables: the law, tiers, reminders, the reason tree.
import type { PolicyDocument } from "../document.js";
import { vocabularyOf } from "../domains.js";
import { columns } from "../facts.js";
import { type Condition, type Law, lawOf, marketsWithLaw } from "../law.js";
import { type Finding, fault, repeated } from "./finding.js";

export function* lintHead(document: PolicyDocument): Generator<Finding> {
  const { languages, tiers, item_classes, handover, civil } = document;
  yield* lintLaw(document);
  if (new Set(civil.weekend).size > 6) {
    yield fault("WEEKEND_BROKEN", "civil.weekend", "leaves no day to work: name at most six days");
  }
  yield* repeated(languages, (at) => `languages[${at}]`);
  yield* repeated(item_classes, (at) => `item_classes[${at}]`);
  if (item_classes.includes("NONE")) {
    const at = `item_classes[${item_classes.indexOf("NONE")}]`;
    yield fault("STANDS_TWICE", at, "NONE is what products without a class have: take it out");
  }
  yield* repeated(tiers, (at) => `tiers[${at}]`);
  if (tiers[0] !== "NONE") yield fault("TIERS_BROKEN", "tiers[0]", "must be NONE, the tier of everybody else");
  for (const [at, days] of handover.reminder_days.entries()) {
    if (at === 0 || days < (handover.reminder_days[at - 1] ?? 0)) continue;
    yield fault("REMINDERS_BROKEN", `handover.reminder_days[${at}]`, "must fall from one to the next");
  }
}

function* lintLaw(document: PolicyDocument): Generator<Finding> {
  const { market, law } = document;
  if (!lawOf(document)) {
    const problem = `the law of ${market} is not known here: say it in the document's law, for without it nothing is checked`;
    yield fault("LAW_MISSING", "law", problem);
  }
  if (!law) return;
  if (marketsWithLaw.includes(market)) {
    const problem = `the law of ${market} stands in policies/floors.json; a document may not say another: take it out`;
    yield fault("LAW_NOT_YOURS", "law", problem);
  } else {
    yield* lintOwnLaw(document, law);
  }
}

/** A misspelt condition of a right would quietly take the right away. */
function* lintOwnLaw(document: PolicyDocument, { rights, free }: Law): Generator<Finding> {
  const named = [
    ...rights.map((right, at) => ({ ...right, path: `law.rights[${at}]` })),
    ...free.map((exemption, at) => ({ ...exemption, path: `law.free[${at}]` })),
  ];
  yield* repeated(
    named.map(({ id }) => id),
    (at) => `${named[at]?.path}.id`,
  );
  for (const { id, path } of named) {
    const prefix = `${document.market.toLowerCase()}-law-`;
    if (!id.startsWith(prefix)) yield fault("RULE_ID_FOREIGN", `${path}.id`, `${id} must begin with ${prefix}`);
  }
  for (const { when, path } of named) yield* lintCondition(document, when, `${path}.when`);
  for (const [at, { days, months, unless = [] }] of rights.entries()) {
    const path = `law.rights[${at}]`;
    for (const [i, exception] of unless.entries()) yield* lintCondition(document, exception, `${path}.unless[${i}]`);
    if (days !== undefined && months !== undefined)
      yield fault("LAW_BROKEN", path, "has days and months: leave one out");
  }
}

/** Conditions of the law ask about a line as it is bought and asked for, never about the time or the risk. */
function* lintCondition(document: PolicyDocument, condition: Condition, path: string): Generator<Finding> {
  for (const [field, value] of Object.entries(condition)) {
    const column = columns[field];
    const where = `${path}.${field}`;
    if (!column || column.type === "number" || field.startsWith("in_")) {
      yield fault("LAW_BROKEN", where, `the law cannot ask for ${field}`);
      continue;
    }
    const words = vocabularyOf(document, field, column);
    const known = column.type === "flag" ? typeof value === "boolean" : typeof value === "string";
    if (!known) yield fault("LAW_BROKEN", where, `must be a ${column.type}, not ${JSON.stringify(value)}`);
    else if (words && !words.includes(value as string))
      yield fault("LAW_BROKEN", where, `"${value}" is no ${field}; known: ${words.join(", ")}`);
  }
}

export function* lintReasons({ reasons }: PolicyDocument): Generator<Finding> {
  yield* repeated(
    reasons.map(({ group }) => group),
    (at) => `reasons[${at}].group`,
  );
  const leaves = reasons.flatMap((branch, b) =>
    branch.leaves.map((leaf, l) => ({ leaf, path: `reasons[${b}].leaves[${l}]` })),
  );
  yield* repeated(
    leaves.map(({ leaf }) => leaf.code),
    (at) => `${leaves[at]?.path}.code`,
  );
  for (const { leaf, path } of leaves) {
    yield* repeated(leaf.kinds, (at) => `${path}.kinds[${at}]`);
    if (leaf.kinds.includes("CANCELLATION") && !leaf.kinds.includes("RETURN")) {
      const why = "a cancellation that comes too late goes on as one";
      yield fault("REASON_BROKEN", `${path}.kinds`, `must hold RETURN as well: ${why}`);
    }
    if (!leaf.never_came) continue;
    if (leaf.nonconforming) {
      yield fault("REASON_BROKEN", path, "what never came cannot be nonconforming: make one of the two false");
    }
    const other = leaf.kinds.find((kind) => kind !== "CLAIM");
    if (other) yield fault("REASON_BROKEN", `${path}.kinds`, `what never came can be a CLAIM only, not a ${other}`);
  }
}
