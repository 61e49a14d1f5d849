// What may differ between two asked lines: for each dimension the values that some cell of the document names, and one
// that none does. The days are in days.ts, what is answered in sections.ts.
import { toldOf } from "../../core/decide.js";
import type { PolicyDocument, Reason } from "../../core/document.js";
import { domainOf, literalsOf } from "../../core/domains.js";
import { type LineView, tableNames } from "../../core/facts.js";
import type { Notice } from "../../core/periods.js";
import { type Kind, listings } from "../../core/words.js";

/** What is asked for, and why: a leaf of the reason tree, for one of its kinds. */
export type Ask = { readonly kind: Kind; readonly reason: Reason };

export type Combination = {
  /** Or anyOther. */
  readonly category: string;
  readonly item_class: string;
  readonly temperature: string;
  readonly seller_type: string;
  readonly fulfilment: string;
  readonly tier: string;
  readonly opened: boolean;
  readonly final_sale: boolean;
  readonly listed: LineView["listed"];
  readonly line_minor: number;
  readonly risk_score: number;
  /** How often the goods were exchanged before. */
  readonly exchanged: number;
  /** When the customer was told of the right to change their mind. */
  readonly notice: Extract<Notice, string>;
  /** The day since delivery on which they came to know what is wrong: "day 45", or "unsaid". */
  readonly known: string;
};
/** Stands for every category that no cell names. */
export const anyOther = "(any other)";
export type Dimension = keyof Combination;
export type Value = Combination[Dimension];
export type Dimensions = Readonly<Record<Dimension, readonly Value[]>>;

/** Every value of every dimension. Numbers are those at which a cell may change its mind, and their neighbours. */
export function dimensionsOf(document: PolicyDocument): Dimensions {
  const words = (field: Dimension) => domainOf(document, tableNames, field).map(String);
  const points = (field: Dimension, ...more: number[]) => {
    const numbers = domainOf(document, tableNames, field).map(Number);
    return [...new Set([0, ...numbers, ...more])].sort((a, b) => a - b);
  };
  return {
    category: [anyOther, ...namedIn(document, "category")],
    item_class: words("item_class"),
    temperature: words("temperature"),
    seller_type: words("seller_type"),
    fulfilment: words("fulfilment"),
    tier: words("tier"),
    opened: [false, true],
    final_sale: [false, true],
    listed: listings,
    line_minor: points("line_minor"),
    risk_score: points("risk_score", 100),
    exchanged: points("exchanged"),
    notice: ["WITH_ORDER", "NEVER"],
    known: ["unsaid", "day 0", "day 45"],
  };
}

/** The words that the cells of a column name. */
function namedIn(document: PolicyDocument, field: string): string[] {
  const cells = tableNames.flatMap((name) => {
    const { inputs, rules } = document.tables[name];
    return inputs.flatMap((column) => (column.field === field ? rules.map((row) => row[column.id] ?? "") : []));
  });
  return [...new Set(cells.flatMap((cell) => literalsOf(cell).words))];
}

/** Every leaf for each of its kinds. */
export function asksOf(document: PolicyDocument): Ask[] {
  return document.reasons.flatMap(({ group, leaves }) =>
    leaves.flatMap((leaf) => leaf.kinds.map((kind) => ({ kind, reason: { ...leaf, group } }))),
  );
}

/** What can be asked about such lines at all, days and whether they have arrived left out. */
export function combinationsOf(document: PolicyDocument): number {
  const values = Object.values(dimensionsOf(document));
  return values.reduce((product, { length }) => product * length, asksOf(document).length);
}

/** The line as the tables see it. */
export function viewOf(
  document: PolicyDocument,
  { kind, reason }: Ask,
  { notice: _, known: __, ...goods }: Combination,
  delivered: boolean,
): LineView {
  const { code, group, fault, nonconforming, never_came } = reason;
  const told = toldOf(document, goods.category, goods.temperature, goods.final_sale);
  const replacement = kind === "EXCHANGE";
  return { kind, reason: code, group, fault, nonconforming, never_came, ...goods, told, delivered, replacement };
}
