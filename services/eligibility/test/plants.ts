// Bad documents for tests: a shipped one with something planted in it.
import { readFileSync } from "node:fs";
import type { TableName } from "../core/facts.js";
import { type Finding, type FindingCode, findingsOfText } from "../core/lint.js";
import { jsonOf, type Market } from "./builders.js";

// biome-ignore lint/suspicious/noExplicitAny: a document's JSON, about to be changed
export type Json = any;
type Cells = Readonly<Record<string, string>>;

/** A mistake in a shipped document, Korea's if none is named, and what has to be said of it. */
export type Plant = {
  readonly title: string;
  readonly market?: Market;
  readonly change: (json: Json) => void;
  readonly code: FindingCode;
  readonly path: string | ((json: Json) => string);
  readonly says: RegExp;
};

/** What the linter says of a shipped document after a change, and the changed document. */
export function planted(market: Market, change: (json: Json) => void): { json: Json; found: Finding[] } {
  const json: Json = JSON.parse(jsonOf(market));
  change(json);
  const text = JSON.stringify(json);
  return { json: JSON.parse(text), found: findingsOfText(text) };
}

/** The law of a market, as it is shipped. */
export function lawIn(market: Market): Json {
  return JSON.parse(readFileSync(new URL("../policies/floors.json", import.meta.url), "utf8"))[market];
}

/** The document of a market whose law nobody knows: Korea's, under another name and with its law in it. */
export function japan(change: (json: Json) => void = () => {}): { json: Json; found: Finding[] } {
  const json: Json = JSON.parse(jsonOf("KR").replaceAll('"kr-', '"jp-'));
  Object.assign(json, { market: "JP", law: JSON.parse(JSON.stringify(lawIn("KR")).replaceAll('"kr-', '"jp-')) });
  change(json);
  const text = JSON.stringify(json);
  return { json: JSON.parse(text), found: findingsOfText(text) };
}

export const rowsOf = (json: Json, table: TableName): Record<string, string>[] =>
  json.tables[table].nodes[1].content.rules;

/** A rule's row, to be changed. */
export function rowOf(json: Json, table: TableName, rule: string): Record<string, string> {
  const row = rowsOf(json, table).find(({ _id }) => _id === rule);
  if (!row) throw new Error(`no rule ${rule} in ${table}`);
  return row;
}

/** The path of a rule's row, or of a cell of it. */
export function pathTo(json: Json, table: TableName, rule: string, cell?: string): string {
  const at = rowsOf(json, table).findIndex(({ _id }) => _id === rule);
  return `tables.${table}.nodes[1].content.rules[${at}]${cell === undefined ? "" : `.${cell}`}`;
}

export const at = (table: TableName, rule: string, cell?: string) => (json: Json) => pathTo(json, table, rule, cell);

/** Puts something else in a cell; undefined takes it out. */
export const cell = (table: TableName, rule: string, column: string, value: string | undefined) => (json: Json) => {
  Object.assign(rowOf(json, table, rule), { [column]: value });
};

/** Adds a rule before another one, or before all; columns the table lacks are added with it. */
export function addRule(json: Json, table: TableName, id: string, cells: Cells, before?: string): void {
  const { inputs, outputs } = json.tables[table].nodes[1].content;
  const rows = rowsOf(json, table);
  for (const field of Object.keys(cells)) {
    if ([...inputs, ...outputs].some((column: { id: string }) => column.id === field)) continue;
    inputs.push({ id: field, name: field, field });
    for (const row of rows) row[field] = "";
  }
  const empty = Object.fromEntries(inputs.map((column: { id: string }) => [column.id, ""]));
  const at = before === undefined ? 0 : rows.findIndex(({ _id }) => _id === before);
  rows.splice(at, 0, { _id: id, ...empty, ...cells });
  json.rules[id] = Object.values(json.rules)[0];
}

/** The terms of somebody who sends goods back, free of charge. */
export const freeTerms: Cells = {
  refund_trigger: '"ON_INSPECTION"',
  collect: "true",
  inspect: "true",
  exchange_mode: '"STANDARD"',
  verification: '"NONE"',
  fee_code: "null",
  fee_minor: "0",
};

/** A window of so many days or months and nothing else. */
export const windowOf = (over: Cells): Cells => {
  return {
    days: "null",
    months: "null",
    review_months: "null",
    known_days: "null",
    uninformed_months: "null",
    ...over,
  };
};
