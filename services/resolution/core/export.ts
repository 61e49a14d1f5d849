// A saved search as a table: which columns there are, what each shows of a case, and who may read it.
import { itemsOf } from "./attention.js";
import type { Case, CaseFilter } from "./case.js";

/** Each column, in the contract's word, and what it shows. */
const columns = {
  RESOLUTION_ID: (c: Case) => c.resolutionId,
  ORDER_ID: (c: Case) => c.orderId,
  CUSTOMER_ID: (c: Case) => c.customerId,
  MARKET: (c: Case) => c.market,
  KIND: (c: Case) => c.kind,
  STATE: (c: Case) => c.state,
  GOODS: (c: Case) => c.tracks?.goods ?? "",
  MONEY: (c: Case) => c.tracks?.money ?? "",
  STOCK: (c: Case) => c.tracks?.stock ?? "",
  REASONS: (c: Case) => c.reasons.join(" "),
  HOLD_REASON: (c: Case) =>
    itemsOf(c.hold)
      .map(({ reason }) => reason)
      .join("; "),
  CREATE_TIME: (c: Case) => c.createTime.toISOString(),
  UPDATE_TIME: (c: Case) => c.updateTime.toISOString(),
  MOVE_TIME: (c: Case) => c.moveTime.toISOString(),
  DUE_TIME: (c: Case) => c.dueTime?.toISOString() ?? "",
  ASSIGNEE: (c: Case) => c.assignee,
} as const;
export type Column = keyof typeof columns;

/** What tells who somebody is, or what was written of them. */
const personal: ReadonlySet<Column> = new Set(["CUSTOMER_ID", "HOLD_REASON"]);
const mayReadPersonal: ReadonlySet<string> = new Set(["LEAD", "FINANCE"]);

export type Export = {
  readonly exportId: string;
  readonly title: string;
  readonly filter: CaseFilter;
  readonly columns: readonly Column[];
  readonly byteOrderMark: boolean;
  readonly version: number;
  readonly editor: string;
  readonly updateTime: Date;
};

/** The columns that this role may not read. */
export function forbidden({ columns: asked }: Export, role: string): Column[] {
  return mayReadPersonal.has(role) ? [] : asked.filter((column) => personal.has(column));
}

/** The line of names. */
export function namesOf({ columns: asked }: Export): string[] {
  return asked.map((column) => column.toLowerCase());
}

/** What a case shows in each column. */
export function cellsOf({ columns: asked }: Export, one: Case): string[] {
  return asked.map((column) => columns[column](one));
}
