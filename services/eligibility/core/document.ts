// A policy document: one market's law and house rules as data. This reads its JSON and refuses what has not exactly the
// shape below; lint.ts then asks whether what it says makes sense.
import { isTimeZone } from "#kit/pure/calendar.js";
import { DomainError } from "#kit/pure/check.js";
import { exponentOf } from "#kit/pure/money.js";
import { type TableName, tableNames } from "./facts.js";
import { clock, law } from "./law.js";
import {
  anyText,
  broken,
  flag,
  list,
  nullable,
  openShape,
  optional,
  parseJson,
  type Reader,
  reader,
  record,
  refine,
  type Shape,
  shape,
  text,
  titled,
  whole,
  word,
} from "./shape.js";
import { faults, kinds } from "./words.js";

const code = text("a word in capitals such as SIZE_TOO_SMALL", /^[A-Z][A-Z0-9_]{1,40}$/);
const ruleId = text("a rule id such as kr-too-late", /^[a-z]{2}(-[a-z0-9]+)+$/);
const texts = titled("texts", record(text()));

const currency = refine(text("an ISO 4217 currency"), (read, path) => {
  try {
    exponentOf(read);
    return read;
  } catch (error) {
    if (error instanceof DomainError) throw broken(path, error.message);
    throw error;
  }
});

const timeZone = refine(text("a time zone such as Asia/Seoul"), (read, path) => {
  if (isTimeZone(read)) return read;
  throw broken(path, `"${read}" is no time zone`);
});

const instant = refine(
  text("a time such as 2020-01-01T00:00:00+09:00", /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/),
  (read, path) => {
    const time = new Date(read);
    if (Number.isNaN(time.getTime())) throw broken(path, `"${read}" is no time`);
    return time;
  },
);

/** Of a cell. zen parses by recursion and takes the process down with it where brackets nest without end. */
const [longestCell, deepestCell] = [1_000, 8];

/** What stands in a row: a condition, an answer, or the author's description. */
const cell = reader({ ...anyText.schema, maxLength: longestCell }, (value, path) => {
  const read = anyText(value, path);
  if (read.length > longestCell) {
    throw broken(path, `has ${read.length} characters: keep to ${longestCell}, or split the rule into several`);
  }
  if (bracketsIn(read) > deepestCell) {
    throw broken(path, `nests brackets more than ${deepestCell} deep: take out those it does not need`);
  }
  return read;
});

/** How deep the brackets nest that stand outside of quotes. */
function bracketsIn(cell: string): number {
  let [depth, deepest] = [0, 0];
  for (const bracket of cell.replace(/"[^"]*"|'[^']*'/g, "").match(/[([{]|[)\]}]/g) ?? []) {
    depth += "([{".includes(bracket) ? 1 : -1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** A row of a table: `_id` is the rule's id, every other key a column's id with its cell. An empty cell fits all. */
const row = reader({ ...record(cell).schema, properties: { _id: ruleId.schema }, required: ["_id"] }, (value, path) => {
  const cells = record(cell)(value, path);
  ruleId(cells._id, `${path}._id`);
  return cells;
});
const column = titled("column", openShape({ id: text(), field: text() }));

/** A setting of the editor's that may say one thing only. */
const only = (allowed: string | boolean | null) =>
  optional(
    reader({ enum: [...new Set([allowed, null])] }, (value, path) => {
      if (value !== null && value !== allowed) throw broken(path, `must be ${JSON.stringify(allowed)} or absent`);
    }),
  );
const tableContent = openShape({
  hitPolicy: word(["first"]),
  inputs: list(column, 1),
  outputs: list(column, 1),
  rules: list(row, 1),
  passThrough: only(false),
  passThorough: only(false), // as older editors spell it
  inputField: only(null),
  outputPath: only(null),
  executionMode: only("single"),
});

const endNode = openShape({ id: text(), type: word(["inputNode", "outputNode"]) });
const tableNode = openShape({ id: text(), type: word(["decisionTableNode"]), content: tableContent });
const nodeTypes = ["inputNode", "decisionTableNode", "outputNode"] as const;

/** One node of a JDM graph (gorules.io): ours have an input, a decision table and an output. */
const node = reader({ anyOf: [endNode.schema, tableNode.schema] }, (value, path) => {
  const { id, type } = openShape({ id: text(), type: text() })(value, path);
  // A function node would run code of the document's author; nobody could say what an expression or a switch leads to.
  if (/Node$/.test(type) && !nodeTypes.some((known) => known === type)) {
    const advice = "say it in the rows of the table";
    throw broken(`${path}.type`, `a ${type} cannot be checked, so a policy may hold none: ${advice}`);
  }
  word(nodeTypes)(type, `${path}.type`);
  return { id, type, table: type === "decisionTableNode" ? tableNode(value, path).content : undefined };
});
const edge = openShape({ sourceId: text(), targetId: text() });

/** A decision table with the path of its content in the document, for messages. */
export type DecisionTable = Pick<Shape<typeof tableContent>, "inputs" | "outputs" | "rules"> & {
  readonly path: string;
};

const nodesAndEdges = openShape({ nodes: list(node), edges: list(edge) });
const graph = refine(titled("table", nodesAndEdges), ({ nodes, edges }, path): DecisionTable => {
  const one = (type: string) => {
    const found = nodes.filter((n) => n.type === type);
    if (found.length !== 1 || !found[0]) throw broken(`${path}.nodes`, `must hold one ${type}, holds ${found.length}`);
    return found[0];
  };
  const [from, at, to] = [one("inputNode"), one("decisionTableNode"), one("outputNode")];
  const wired = (a: string, b: string) => edges.filter((e) => e.sourceId === a && e.targetId === b).length === 1;
  if (edges.length !== 2 || !wired(from.id, at.id) || !wired(at.id, to.id)) {
    throw broken(`${path}.edges`, "must lead from the input to the table and from there to the output");
  }
  if (!at.table) throw broken(path, "has no table");
  return { ...at.table, path: `${path}.nodes[${nodes.indexOf(at)}].content` };
});

const leaf = shape({
  code,
  /** Who is taken to be at fault when nobody says otherwise. */
  fault: word(faults),
  /** What may be asked for with this reason. */
  kinds: list(word(kinds), 1),
  nonconforming: flag,
  never_came: flag,
  /** What has to come along with it. */
  evidence: shape({ photos: whole(0, 10), note: flag }),
  /** It happens to an order without the customer asking: customers are not offered it, and cannot give it. */
  unasked: optional(flag),
  /** What customers may ask for with it, where that is less than what systems and staff may. */
  customer_kinds: optional(list(word(kinds), 1)),
  texts,
});

/**
 * The sentences that say what would have changed an answer; `{days}`, `{tier}` and `{gain}` are filled in, and of
 * `{day/days}` the word that goes with the number.
 */
const phrases = shape({
  earlier: texts,
  unopened: texts,
  tier: texts,
  undelivered: texts,
  unlisted: texts,
  /** What {gain} stands for: the answer, or what is saved. */
  accepted: texts,
  reviewed: texts,
  free: texts,
  cheaper: texts,
});

const document = shape({
  /** Where an editor finds the schema. */
  $schema: optional(text()),
  market: text("a market of two capitals", /^[A-Z]{2}$/),
  name: text(),
  /** The first one is the market's. */
  languages: list(text("a language such as zh-TW", /^[a-z]{2}(-[A-Z]{2})?$/), 1),
  /** From when on it judges when it is installed with the service; an upload says its own. */
  effective_time: instant,
  currency,
  /** Where the market's days begin and which of them rest each week; its holidays are the calendar's to know. */
  civil: shape({ time_zone: timeZone, weekend: list(whole(0, 6)) }),
  /** Membership tiers, from the one that gets least; "NONE" is the first. */
  tiers: list(code, 1),
  /** Classes that products may have of their own, overriding their category. */
  item_classes: list(code),
  window: shape({
    /** Whose delivery starts a unit's window: its own parcel's, its line's last one, or the whole order's. */
    starts: word(["EACH_PARCEL", "LAST_OF_LINE", "LAST_OF_ORDER"]),
    /** Whether a last day that is a day of rest gives way to the next business day. */
    last_day_moves: flag,
    article: text(),
  }),
  /** What customers are told before they buy, by category, temperature or "return_fee": where they can read it. */
  notices: texts,
  reasons: list(shape({ group: code, texts, leaves: list(leaf, 1) }), 1),
  handover: shape({
    /** Days before the hand-over deadline, largest first. */
    reminder_days: list(whole(1, 365)),
    auto_withdrawal: flag,
  }),
  /** Guarantee: the time after receipt in which ON_DEADLINE refunds though nobody has looked; never later than the law's. */
  clocks: shape({ refund: clock, collection: nullable(clock), guarantee: optional(clock) }),
  /** For what something may be deducted after inspection. */
  deductions: shape({ causes: list(code), article: text() }),
  /** A unit that cost more, in minor units, is looked at by two people; without it none is. */
  inspection: optional(shape({ second_opinion_over: whole(1, Number.MAX_SAFE_INTEGER), article: optional(text()) })),
  /** Exchanges: whether a replacement that goes out before its goods are looked at needs an amount set aside on a card. */
  exchange: optional(shape({ guarantee: flag })),
  phrases,
  /** The rule that declines a line which never came beside lines that have to be sent back; see terms.ts. */
  separate_rule: ruleId,
  /** The rule that stands where staff decided otherwise. */
  override_rule: ruleId,
  tables: shape(
    Object.fromEntries(tableNames.map((name) => [name, graph])) as Record<TableName, Reader<DecisionTable>>,
  ),
  /** Where each rule comes from and what the customer may read, by rule id. */
  rules: record(shape({ article: text(), texts })),
  /** The law of a market that policies/floors.json does not know. Where it does, a document may say none. */
  law: optional(law),
});

export type PolicyDocument = Shape<typeof document>;
export const documentSchema = document.schema;
export type { Clock } from "./law.js";

/** A leaf of the reason tree with its group. */
export type Reason = Shape<typeof leaf> & { readonly group: string };

/**
 * Reads a document's JSON text.
 * @throws DomainError POLICY_BROKEN with path and problem of the first place that has not the shape
 */
export function parseDocument(json: string): PolicyDocument {
  return document(parseJson(json), "");
}

/** The leaves of the reason tree by their code. */
export function reasonsOf({ reasons }: PolicyDocument): ReadonlyMap<string, Reason> {
  return new Map(reasons.flatMap(({ group, leaves }) => leaves.map((l) => [l.code, { ...l, group }])));
}
