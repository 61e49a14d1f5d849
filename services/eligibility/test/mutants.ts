// Shipped documents with a random change, such as an author could make at the end of a long day.
import fc from "fast-check";
import { jsonOf, markets } from "./builders.js";

type Row = Record<string, string>;
type Content = { inputs: { id: string }[]; outputs: { id: string }[]; rules: Row[] };

/** What is written over a cell: other numbers, other words, nothing. */
const scribbles = [
  "",
  "true",
  "false",
  "null",
  "0",
  "1",
  "3",
  "6",
  "7",
  "13",
  "14",
  "30",
  '"DECLINE"',
  '"REVIEW"',
  '"ACCEPT"',
  '"RETURN"',
  '"CUSTOMER"',
  '"PLUS"',
  "> 50",
  "< 1000",
];

/** One change of one table: a cell, a row taken out, two rows swapped, a row doubled higher up. */
export const mutants = fc.record({
  market: fc.constantFrom(...markets),
  changes: fc.array(
    fc.record({
      table: fc.constantFrom("fault", "window", "verdict", "terms", "deadlines"),
      how: fc.constantFrom("cell", "cell", "cell", "out", "swap", "double"),
      row: fc.nat(1000),
      other: fc.nat(1000),
      column: fc.nat(1000),
      scribble: fc.constantFrom(...scribbles),
    }),
    { minLength: 1, maxLength: 2 },
  ),
});
type Mutant = typeof mutants extends fc.Arbitrary<infer T> ? T : never;

/** The document's text with the changes made. */
export function mutated({ market, changes }: Mutant): string {
  const json = JSON.parse(jsonOf(market));
  for (const { table, how, row, other, column, scribble } of changes) {
    const content: Content = json.tables[table].nodes[1].content;
    const { inputs, outputs, rules } = content;
    const [at, to] = [row % rules.length, other % rules.length];
    if (how === "out") rules.splice(at, 1);
    else if (how === "swap") [rules[at], rules[to]] = [rules[to] as Row, rules[at] as Row];
    else if (how === "double") {
      const id = `${market.toLowerCase()}-doubled-${rules.length}`;
      const doubled = rules[at] as Row;
      rules.splice(to, 0, { ...doubled, _id: id });
      json.rules[id] = json.rules[doubled._id as string];
    } else {
      const columns = [...inputs, ...outputs];
      const { id } = columns[column % columns.length] as { id: string };
      rules[at] = { ...(rules[at] as Row), [id]: scribble };
    }
  }
  const used = new Set(
    Object.values(json.tables).flatMap((t) =>
      (t as never as { nodes: { content?: Content }[] }).nodes.flatMap(
        (n) => n.content?.rules.map(({ _id }) => _id) ?? [],
      ),
    ),
  );
  for (const id of Object.keys(json.rules))
    if (!used.has(id) && id !== json.separate_rule && id !== json.override_rule) delete json.rules[id];
  return JSON.stringify(json);
}
