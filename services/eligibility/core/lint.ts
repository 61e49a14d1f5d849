// Whether a document that has the right shape also makes sense. Called before a draft is stored and by a test on the
// shipped documents. zen's tables fail silently, so everything that could is looked for here: a cell that does not parse,
// that can never fit, that speaks a word nobody uses; a row that can never be reached; an answer of the wrong type.
import { DomainError } from "#kit/pure/check.js";
import { stepOf } from "#kit/pure/money.js";
import type { DecisionTable, PolicyDocument } from "./document.js";
import { domainOf, literalsOf, vocabularyOf } from "./domains.js";
import { answerOf, fits } from "./engine.js";
import { type Column, inputs, outputs, type TableName, tableNames } from "./facts.js";
import { checkFloor } from "./floors.js";
import { lawOf, marketsWithLaw } from "./law.js";
import { broken } from "./shape.js";

export type Problem = { readonly path: string; readonly problem: string };

/**
 * Refuses a document that could misjudge.
 * @throws DomainError POLICY_BROKEN whose metadata name the first problem and whose message names all;
 * POLICY_BELOW_FLOOR with the article of the right it takes away
 */
export function assertSound(document: PolicyDocument): void {
  const problems = lint(document);
  const [first] = problems;
  if (first) {
    const all = problems.slice(0, 20).map(({ path, problem }) => `${path}: ${problem}`);
    throw new DomainError("POLICY_BROKEN", `mend ${problems.length} in the document: ${all.join(" · ")}`, { ...first });
  }
  try {
    checkFloor(document);
  } catch (error) {
    if (error instanceof RangeError) throw broken("tables", error.message);
    throw error;
  }
}

/** Everything that is wrong with a document but its floor. */
export function lint(document: PolicyDocument): Problem[] {
  return [
    ...lintHead(document),
    ...lintReasons(document),
    ...lintRules(document),
    ...tableNames.flatMap((name) => [...lintTable(document, name)]),
  ];
}

function* lintHead(document: PolicyDocument): Generator<Problem> {
  const { market, languages, handover, tiers, item_classes, law } = document;
  if (!lawOf(document)) {
    yield { path: "law", problem: `the law of ${market} is not known here: say it in the document` };
  }
  if (law && marketsWithLaw.includes(market)) {
    yield {
      path: "law",
      problem: `the law of ${market} stands in policies/floors.json; a document may not say another`,
    };
  }
  yield* repeated(languages, (at) => `languages[${at}]`);
  yield* repeated(item_classes, (at) => `item_classes[${at}]`);
  yield* repeated(tiers, (at) => `tiers[${at}]`);
  if (tiers[0] !== "NONE") yield { path: "tiers[0]", problem: "must be NONE, the tier of everybody else" };
  for (const [at, days] of handover.reminder_days.entries()) {
    if (at === 0 || days < (handover.reminder_days[at - 1] ?? 0)) continue;
    yield { path: `handover.reminder_days[${at}]`, problem: "must fall from one to the next" };
  }
}

function* lintReasons(document: PolicyDocument): Generator<Problem> {
  yield* repeated(
    document.reasons.map(({ group }) => group),
    (at) => `reasons[${at}].group`,
  );
  const leaves = document.reasons.flatMap(({ leaves }, g) =>
    leaves.map((leaf, l) => ({ leaf, path: `reasons[${g}].leaves[${l}]` })),
  );
  yield* repeated(
    leaves.map(({ leaf }) => leaf.code),
    (at) => `${leaves[at]?.path}.code`,
  );
  for (const [at, { texts }] of document.reasons.entries()) yield* lintTexts(document, texts, `reasons[${at}].texts`);
  for (const { leaf, path } of leaves) {
    yield* lintTexts(document, leaf.texts, `${path}.texts`);
    if (leaf.kinds.includes("CANCELLATION") && !leaf.kinds.includes("RETURN")) {
      yield {
        path: `${path}.kinds`,
        problem: "must hold RETURN as well: a cancellation that comes too late goes on as one",
      };
    }
    if (!leaf.never_came) continue;
    if (leaf.nonconforming) yield { path, problem: "what never came cannot be nonconforming" };
    const other = leaf.kinds.find((kind) => kind !== "CLAIM");
    if (other) yield { path: `${path}.kinds`, problem: `what never came can be a CLAIM only, not a ${other}` };
  }
}

function* lintTexts(
  { languages }: PolicyDocument,
  texts: Readonly<Record<string, string>>,
  path: string,
): Generator<Problem> {
  for (const language of languages)
    if (!Object.hasOwn(texts, language)) yield { path, problem: `has no text in ${language}` };
  for (const language of Object.keys(texts)) {
    if (!languages.includes(language))
      yield { path: `${path}.${language}`, problem: "is not a language of the document" };
  }
}

function* lintRules(document: PolicyDocument): Generator<Problem> {
  const { market, tables, rules, separate_rule, override_rule } = document;
  const used = tableNames.flatMap((name) =>
    tables[name].rules.map((cells, at) => ({ id: cells._id ?? "", path: `${tables[name].path}.rules[${at}]._id` })),
  );
  used.push({ id: separate_rule, path: "separate_rule" }, { id: override_rule, path: "override_rule" });
  yield* repeated(
    used.map(({ id }) => id),
    (at) => used[at]?.path ?? "",
  );
  for (const { id, path } of used) {
    if (!id.startsWith(`${market.toLowerCase()}-`))
      yield { path, problem: `${id} must begin with ${market.toLowerCase()}-` };
    if (!Object.hasOwn(rules, id)) yield { path, problem: `${id} has no article and text in rules` };
  }
  for (const [id, { texts }] of Object.entries(rules)) {
    yield* lintTexts(document, texts, `rules.${id}.texts`);
    if (!used.some((rule) => rule.id === id)) yield { path: `rules.${id}`, problem: "stands in no table" };
  }
}

function* repeated(values: readonly string[], pathOf: (at: number) => string): Generator<Problem> {
  for (const [at, value] of values.entries()) {
    if (values.indexOf(value) < at) yield { path: pathOf(at), problem: `${value} stands there twice` };
  }
}

function* lintTable(document: PolicyDocument, name: TableName): Generator<Problem> {
  const table = document.tables[name];
  const known: Record<string, Column> = inputs[name];
  const wrong = [...lintColumns(table, name)];
  yield* wrong;
  if (wrong.length > 0) return; // the cells of unknown columns cannot be judged
  for (const [at, cells] of table.rules.entries()) {
    const path = `${table.path}.rules[${at}]`;
    const written = table.inputs.filter(({ id }) => (cells[id] ?? "").trim() !== "");
    const isLast = at === table.rules.length - 1;
    if (isLast && written.length > 0)
      yield { path, problem: "the last rule must fit everything: leave its conditions empty" };
    if (!isLast && written.length === 0) yield { path, problem: "fits everything, so the rules after it never fire" };
    for (const { id } of table.inputs) {
      if (cells[id] === undefined)
        yield { path: `${path}.${id}`, problem: "is missing: zen takes that for a cell that never fits" };
    }
    for (const { id, field } of written) {
      const problem = lintCell(document, name, field, known[field] as Column, cells[id] ?? "");
      if (problem) yield { path: `${path}.${id}`, problem };
    }
    yield* lintAnswer(document, name, cells, path);
  }
}

function* lintColumns(
  { path, inputs: given, outputs: answers, rules }: DecisionTable,
  name: TableName,
): Generator<Problem> {
  const columns = [
    ...given.map((column, at) => ({ ...column, path: `${path}.inputs[${at}]`, known: Object.keys(inputs[name]) })),
  ];
  columns.push(
    ...answers.map((column, at) => ({ ...column, path: `${path}.outputs[${at}]`, known: Object.keys(outputs[name]) })),
  );
  yield* repeated(
    columns.map(({ id }) => id),
    (at) => `${columns[at]?.path}.id`,
  );
  yield* repeated(
    columns.map(({ field }) => field),
    (at) => `${columns[at]?.path}.field`,
  );
  for (const { field, path: where, known } of columns) {
    if (!known.includes(field))
      yield { path: `${where}.field`, problem: `${name} has no ${field} here; known: ${known.join(", ")}` };
  }
  for (const field of Object.keys(outputs[name])) {
    if (!answers.some((column) => column.field === field))
      yield { path: `${path}.outputs`, problem: `${name} must answer ${field}` };
  }
  const ids = new Set(["_id", "_description", ...columns.map(({ id }) => id)]);
  for (const [at, cells] of rules.entries()) {
    for (const id of Object.keys(cells))
      if (!ids.has(id)) yield { path: `${path}.rules[${at}].${id}`, problem: "no column has this id" };
  }
}

const mostValues = 500;

function lintCell(
  document: PolicyDocument,
  name: TableName,
  field: string,
  column: Column,
  cell: string,
): string | undefined {
  const vocabulary = vocabularyOf(document, field, column);
  const stranger = vocabulary && literalsOf(cell).words.find((word) => !vocabulary.includes(word));
  if (stranger !== undefined) return `"${stranger}" is no ${field}; known: ${vocabulary?.join(", ")}`;
  const domain = domainOf(document, [name], field);
  if (domain.length > mostValues) return `the cells of ${field} tell ${domain.length} values apart, too many to check`;
  try {
    const answers = domain.map((value) => fits(cell, value));
    if (!answers.includes(true)) return `${cell} can never fit`;
    if (!answers.includes(false)) return `${cell} fits everything: leave it empty`;
    return undefined;
  } catch (error) {
    return `${cell} does not work as a condition: ${causeOf(error)}`;
  }
}

function* lintAnswer(
  document: PolicyDocument,
  name: TableName,
  cells: Readonly<Record<string, string>>,
  path: string,
): Generator<Problem> {
  const judges: Record<string, (value: unknown) => string | undefined> = outputs[name];
  const answer: Record<string, unknown> = {};
  for (const { id, field } of document.tables[name].outputs) {
    const cell = cells[id] ?? "";
    try {
      answer[field] = answerOf(cell);
    } catch (error) {
      yield { path: `${path}.${id}`, problem: `"${cell}" does not work as an answer: ${causeOf(error)}` };
      return;
    }
    const problem = judges[field]?.(answer[field]);
    // zen reads an unknown name as null, so a word without its quotes would pass as no answer.
    const unquoted = answer[field] === null && cell.trim() !== "null";
    if (unquoted) yield { path: `${path}.${id}`, problem: `${cell} is no value: write null, or put words in quotes` };
    else if (problem) yield { path: `${path}.${id}`, problem: `${problem}, not ${cell}` };
    if (unquoted || problem) return;
  }
  if (name === "window") yield* lintWindow(answer, path);
  if (name === "terms") yield* lintTerms(document, answer, path);
}

function* lintWindow({ days, months, review_months }: Record<string, unknown>, path: string): Generator<Problem> {
  if (days !== null && months !== null) yield { path, problem: "has both days and months" };
  if (days === null && months === null && review_months !== null)
    yield { path, problem: "has a review but no window before it" };
}

function* lintTerms({ currency }: PolicyDocument, answer: Record<string, unknown>, path: string): Generator<Problem> {
  const { refund_trigger, collect, inspect, fee_code, fee_minor } = answer;
  if (!collect && refund_trigger !== "ON_APPROVAL")
    yield { path, problem: `nothing is collected, so ${refund_trigger} never comes` };
  if (!collect && inspect) yield { path, problem: "nothing is collected, so nothing can be inspected" };
  if (!collect && fee_code !== null) yield { path, problem: "nothing is collected, so nothing can be charged for it" };
  if ((fee_code === null) !== (fee_minor === 0))
    yield { path, problem: "fee_code and fee_minor must both be set, or null and 0" };
  if (BigInt(Number(fee_minor)) % stepOf(currency) !== 0n)
    yield { path, problem: `${fee_minor} cannot be paid in ${currency}` };
}

/** zen's errors are JSON with a stack of its own behind it. */
function causeOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /"source":"((?:[^"\\]|\\.)*)"/.exec(message)?.[1] ?? message.split("\n", 1)[0] ?? message;
}
