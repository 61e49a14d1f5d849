// Drafts for tests: a shipped document with some cells of its rules changed.
import { parseDocument } from "../core/document.js";
import { compile, type Policy } from "../core/engine.js";
import type { TableName } from "../core/facts.js";
import { jsonOf, type Market } from "./builders.js";

/** By table, rule and column: { window: { "kr-window-withdrawal": { days: "30" } } }. */
export type Cells = { readonly [T in TableName]?: Readonly<Record<string, Readonly<Record<string, string>>>> };

// biome-ignore lint/suspicious/noExplicitAny: a document's JSON, about to be changed
export type Json = any;

/** The JSON of such a draft; `edit` changes whatever else. */
export function draftOf(market: Market, cells: Cells, edit: (json: Json) => void = () => {}): string {
  const json: Json = JSON.parse(jsonOf(market));
  for (const [table, rules] of Object.entries(cells)) {
    const rows: Record<string, string>[] = json.tables[table].nodes[1].content.rules;
    for (const [rule, columns] of Object.entries(rules)) {
      const row = rows.find(({ _id }) => _id === rule);
      if (!row) throw new Error(`no rule ${rule}`);
      Object.assign(row, columns);
    }
  }
  edit(json);
  return JSON.stringify(json);
}

export const policyOf = (json: string): Policy => compile(parseDocument(json));
