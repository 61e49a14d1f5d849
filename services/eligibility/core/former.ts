// Documents in the shape they had before policies had seven tables. Versions that were put in force then still judge the
// orders placed while they were, so they are read by filling in what they could not say, the way it was done without it.
// New versions have to say it themselves: only what is stored is read this way.
import type { PolicyDocument, Reason } from "./document.js";
import { parseDocument } from "./document.js";
import { literalsOf } from "./domains.js";
import { parseJson } from "./shape.js";

type Json = Readonly<Record<string, unknown>>;
type Cells = Readonly<Record<string, string>>;
type Content = {
  readonly inputs: readonly Json[];
  readonly outputs: readonly Json[];
  readonly rules: readonly Cells[];
};
type Graph = {
  readonly nodes: readonly (Json & { readonly type: string; readonly content: Content })[];
  readonly edges: unknown;
};
type Former = Json & {
  readonly market: string;
  readonly languages: readonly string[];
  readonly reasons: readonly { readonly leaves: readonly Json[] }[];
  readonly rules: Json;
  readonly tables: Readonly<Record<"window" | "verdict" | "terms", Graph>>;
  readonly fulfilment: Json & {
    readonly collection_methods: unknown;
    readonly handover_days: number;
    readonly max_pickup_attempts: number;
  };
};

/** The markets that had policies then. */
const zones: Readonly<Record<string, string>> = { GB: "Europe/London", KR: "Asia/Seoul", TW: "Asia/Taipei" };

/** Reads a stored version's document, whatever shape it was written in. @throws DomainError POLICY_BROKEN */
export function parseStored(json: string): PolicyDocument {
  const value = parseJson(json);
  return parseDocument(isFormer(value) ? JSON.stringify(lifted(value)) : json);
}

/** What happens to an order unasked, by the leaf that stood for it before the tree had one of its own. */
const standIns: Readonly<Record<string, string>> = {
  UNCLAIMED: "REFUSED_DELIVERY",
  RETURN_TO_SENDER: "DELIVERY_STOPPED",
  PAYMENT_EXPIRED: "OTHER",
  FRAUD: "OTHER",
};

/** A tree's leaves, and those it has no word for yet: goods come back under an old version, too. */
export function withStandIns(reasons: ReadonlyMap<string, Reason>): ReadonlyMap<string, Reason> {
  const all = new Map(reasons);
  for (const [code, standIn] of Object.entries(standIns)) {
    const leaf = reasons.get(standIn);
    if (leaf && !all.has(code)) all.set(code, { ...leaf, unasked: true });
  }
  return all;
}

function isFormer(value: unknown): value is Former {
  return typeof value === "object" && value !== null && "fulfilment" in value && !("civil" in value);
}

function lifted({ fulfilment, ...former }: Former): Json {
  const prefix = former.market.toLowerCase();
  const { collection_methods, handover_days, max_pickup_attempts, ...duties } = fulfilment;
  const inAll = (text: string) => Object.fromEntries(former.languages.map((language) => [language, text]));
  const says = (table: string, answers: Cells) => {
    return { table: tableOf(table, `${prefix}-${table}-former`, answers), rule: `${prefix}-${table}-former` };
  };
  const added = {
    fault: says("fault", { fault: "null" }),
    outcomes: says("outcomes", { outcomes: '["REFUND", "EXCHANGE", "REPLACEMENT"]' }),
    methods: says("methods", { methods: JSON.stringify(collection_methods) }),
    deadlines: says("deadlines", {
      handover_days: String(handover_days),
      max_pickup_attempts: String(max_pickup_attempts),
    }),
  };
  const override = `${prefix}-staff`;
  const named = [override, ...Object.values(added).map(({ rule }) => rule)];
  const article = "Policy as it was then";
  return {
    ...former,
    civil: { time_zone: zones[former.market] ?? "UTC", weekend: [0, 6] },
    tiers: tiersOf(former),
    item_classes: [],
    reasons: former.reasons.map((group) => ({
      ...group,
      leaves: group.leaves.map((leaf) => ({ ...leaf, evidence: { photos: 0, note: false } })),
    })),
    handover: { reminder_days: duties.reminder_days, auto_withdrawal: duties.auto_withdrawal },
    clocks: { refund: duties.refund_clock, collection: duties.collection_clock },
    deductions: { causes: [], article },
    phrases: Object.fromEntries(Object.entries(phrases).map(([name, text]) => [name, inAll(text)])),
    override_rule: override,
    tables: {
      ...former.tables,
      window: withAnswers(former.tables.window, { known_days: "null", uninformed_months: "null" }),
      terms: withAnswers(former.tables.terms, { verification: '"NONE"' }),
      ...Object.fromEntries(Object.entries(added).map(([name, { table }]) => [name, table])),
    },
    rules: { ...former.rules, ...Object.fromEntries(named.map((rule) => [rule, { article, texts: inAll(article) }])) },
  };
}

const phrases = {
  earlier: "{days} {day/days} earlier {gain}.",
  unopened: "Unopened {gain}.",
  tier: "With {tier} {gain}.",
  undelivered: "Before it arrived {gain}.",
  unlisted: "Without the note {gain}.",
  accepted: "it would have been accepted",
  reviewed: "somebody would have looked at it",
  free: "it would have been free",
  cheaper: "it would have cost less",
};

/** The tiers that its cells name; they had no order, so it is the one in which they stand there. */
function tiersOf({ tables }: Pick<Former, "tables">): string[] {
  const cells = Object.values(tables).flatMap(({ nodes }) => {
    const content = nodes.find(({ type }) => type === "decisionTableNode")?.content;
    const id = content?.inputs.find(({ field }) => field === "tier")?.id as string | undefined;
    return id === undefined ? [] : (content?.rules ?? []).map((rule) => rule[id] ?? "");
  });
  return [...new Set(["NONE", ...cells.flatMap((cell) => literalsOf(cell).words)])];
}

/** A table with further answers, the same in every row. */
function withAnswers(graph: Graph, answers: Cells): Graph {
  const outputs = Object.keys(answers).map((field) => ({ id: field, field }));
  const nodes = graph.nodes.map((node) => {
    if (node.type !== "decisionTableNode") return node;
    const { content } = node;
    const rules = content.rules.map((rule) => ({ ...rule, ...answers }));
    return { ...node, content: { ...content, outputs: [...content.outputs, ...outputs], rules } };
  });
  return { ...graph, nodes };
}

/** A table that gives everybody the same answer. */
function tableOf(name: string, rule: string, answers: Cells): Json {
  const outputs = Object.keys(answers).map((field) => ({ id: field, field }));
  const content = {
    hitPolicy: "first",
    inputs: [{ id: "kind", field: "kind" }],
    outputs,
    rules: [{ _id: rule, kind: "", ...answers }],
  };
  return {
    nodes: [
      { id: "in", type: "inputNode" },
      { id: name, type: "decisionTableNode", content },
      { id: "out", type: "outputNode" },
    ],
    edges: [
      { sourceId: "in", targetId: name },
      { sourceId: name, targetId: "out" },
    ],
  };
}
