// Which values need not be decided apart: those of which every cell that could still fit says the same.
import { fits, type Policy } from "../../core/engine.js";
import type { TableName } from "../../core/facts.js";
import { type Ask, asksOf, type Dimension, type Value } from "./dimensions.js";

/** What an ask alone decides of a row. */
const given: readonly string[] = ["kind", "reason", "group", "nonconforming", "never_came"];

/** A row's cells by column; its answers with "=" before their names. */
type Row = Readonly<Record<string, string>>;

/** The rows that the ask leaves open, up to the first that asks for nothing more. */
function openRows({ document }: Policy, name: TableName, { kind, reason }: Ask): Row[] {
  const facts: Readonly<Record<string, unknown>> = { ...reason, kind, reason: reason.code };
  const { inputs, outputs, rules } = document.tables[name];
  const rows: Row[] = [];
  for (const cells of rules) {
    const written = inputs.filter(({ id }) => (cells[id] ?? "").trim() !== "");
    const open = written.filter(({ field }) => !given.includes(field));
    const isFor = ({ id, field }: { id: string; field: string }) => fits(cells[id] ?? "", facts[field] as string);
    if (!written.every((column) => open.includes(column) || isFor(column))) continue;
    const asked = open.map(({ id, field }) => [field, cells[id]]);
    const answered = outputs.map(({ id, field }) => [`=${field}`, cells[id]]);
    rows.push(Object.fromEntries([["_id", cells._id], ...asked, ...answered]));
    if (open.length === 0) break;
  }
  return rows;
}

/** The open rows of these tables, and of the one that tells them whose cause it is. */
function rowsOf(policy: Policy, tables: readonly TableName[], ask: Ask): Row[] {
  const rows = tables.flatMap((name) => openRows(policy, name, ask));
  const caused = rows.some((row) => "fault" in row);
  return caused ? [...rows, ...openRows(policy, "fault", ask)] : rows;
}

/**
 * The values of a dimension, those together that these tables treat alike, whatever else is asked.
 * @param lawful whether the law may answer besides
 */
export function alike(
  policy: Policy,
  tables: readonly TableName[],
  ask: Ask,
  dimension: Dimension,
  values: readonly Value[],
  lawful: boolean,
): Value[][] {
  const { document, law } = policy;
  const rows = rowsOf(policy, tables, ask);
  const rights = lawful ? (law?.rights ?? []).filter(({ kinds }) => kinds.includes(ask.kind)) : [];
  const conditions = rights.flatMap(({ when, unless = [] }) => [when, ...unless]);
  const told = [...rows, ...conditions].some((row) => "told" in row);
  const gives = (field: "known_days" | "uninformed_months") =>
    rows.some((row) => (row[`=${field}`] ?? "null") !== "null") || rights.some((right) => right[field] !== undefined);
  return grouped(values, (value) => {
    if (dimension === "notice") return gives("uninformed_months") && value;
    if (dimension === "known") return gives("known_days") && value;
    return [
      rows.map((row) => dimension in row && fits(row[dimension] ?? "", value)),
      conditions.map((condition) => condition[dimension] === value),
      told && (dimension === "final_sale" ? value : Object.hasOwn(document.notices, String(value))),
    ];
  });
}

/** Asks, those together that these tables treat alike, whatever line it is. */
export function askedAlike(policy: Policy, tables: readonly TableName[], lawful: boolean): Ask[][] {
  return grouped(asksOf(policy.document), (ask) => {
    const { fault, nonconforming, never_came } = ask.reason;
    const rows = rowsOf(policy, tables, ask);
    const caused = tables.includes("fault") || rows.some((row) => "fault" in row);
    return [rows, caused && fault, lawful && [ask.kind, nonconforming, never_came]];
  });
}

/** Those of one key together, in the order they come. */
function grouped<T>(items: readonly T[], keyOf: (item: T) => unknown): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = JSON.stringify(keyOf(item));
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups.values()];
}
