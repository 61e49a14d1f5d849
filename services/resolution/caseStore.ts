// Cases as SQL: one statement finds a page of them, whatever it is narrowed by. What was written of them is read under the
// seals of the resolution.
import { invalidToken, keyAfter, type Page, pageOf } from "#kit/pages.js";
import type { Database, Statement } from "#kit/postgres.js";
import type { Vault } from "#kit/vault.js";
import type { Case, CaseFilter, CaseOrder } from "./core/case.js";
import { notFound, personal } from "./store.js";

export const caseColumns = `r.resolution_id AS "resolutionId", r.order_id AS "orderId", r.customer_id AS "customerId", r.market, r.kind,
  r.state, r.goods, r.money, r.stock, r.hold, r.lines, r.create_time AS "createTime", r.update_time AS "updateTime",
  r.move_time AS "moveTime", r.due_time AS "dueTime",
  jsonb_build_object('heldBack', r.chart -> 'context' -> 'heldBack') AS chart, coalesce(a.assignee, '') AS assignee,
  coalesce(a.queue_id, '') AS "queueId", a.assign_time AS "assignTime"`;
export const caseTables = "resolution r LEFT JOIN assignment a ON a.resolution_id = r.resolution_id";

/** Whoever gave it with one order is found with all of theirs. */
const reachedBy = (condition: string) => `r.customer_id IN (SELECT c.customer_id FROM contact c WHERE c.${condition})`;

/** A condition on a case, where $ is its parameter. `overdue` is measured by the time it is asked. */
const conditions: { readonly [K in keyof Required<CaseFilter>]: ($: string) => string } = {
  orderId: ($) => `r.order_id = ${$}`,
  customerId: ($) => `r.customer_id = ${$}`,
  trackingNumber: ($) => `r.resolution_id IN (SELECT t.resolution_id FROM tracking t WHERE t.tracking_number = ${$})`,
  phoneHashes: ($) => reachedBy(`phone_hash = ANY(${$}::text[])`),
  emailHash: ($) => reachedBy(`email_hash = ${$}`),
  kinds: ($) => `r.kind = ANY(${$}::text[])`,
  states: ($) => `r.state = ANY(${$}::text[])`,
  reason: ($) => `r.lines @> jsonb_build_array(jsonb_build_object('reason', ${$}::text))`,
  market: ($) => `r.market = ${$}`,
  assignee: ($) => `a.assignee = ${$}`,
  unassigned: () => "coalesce(a.assignee, '') = ''",
  overdue: ($) => `coalesce(r.due_time, 'infinity') < ${$}::timestamptz`,
  dueBefore: ($) => `coalesce(r.due_time, 'infinity') < ${$}::timestamptz`,
  createdFrom: ($) => `r.create_time >= ${$}`,
  createdBefore: ($) => `r.create_time < ${$}`,
  updatedFrom: ($) => `r.update_time >= ${$}`,
  updatedBefore: ($) => `r.update_time < ${$}`,
  movedBefore: ($) => `r.move_time < ${$}`,
  onHold: () => "r.on_hold",
};
type Key = keyof typeof conditions;
const keys = Object.keys(conditions) as Key[];
/** Conditions that say all without a value. */
const plain: ReadonlySet<Key> = new Set(["unassigned", "onHold"]);

const beyond: Readonly<Record<CaseOrder, { readonly orderBy: string; after(first: number): string }>> = {
  NEWEST: { orderBy: "r.resolution_id DESC", after: (n) => `r.resolution_id < $${n}` },
  OLDEST: { orderBy: "r.resolution_id", after: (n) => `r.resolution_id > $${n}` },
  DUE: {
    orderBy: "coalesce(r.due_time, 'infinity'), r.resolution_id",
    after: (n) => `(coalesce(r.due_time, 'infinity'), r.resolution_id) > ($${n}::timestamptz, $${n + 1}::text)`,
  },
};

const find: Statement = {
  name: "case.find",
  text: `SELECT ${caseColumns} FROM ${caseTables} WHERE r.resolution_id = $1`,
};

export function openCases(db: Database, vault: Vault) {
  return {
    /** @throws DomainError RESOLUTION_NOT_FOUND */
    find: async (resolutionId: string): Promise<Case> => {
      const [row] = await db.query(find, [resolutionId]);
      if (!row) throw notFound(resolutionId);
      return (await toCases(vault, [row]))[0] as Case;
    },

    /** A page of what fits. @throws DomainError PAGE_TOKEN_INVALID */
    search: async (filter: CaseFilter, order: CaseOrder, page: Page, now: Date) => {
      const said = keys.filter((key) => filter[key] !== undefined);
      const valued = said.filter((key) => !plain.has(key));
      const values: unknown[] = valued.map((key) => (key === "overdue" ? now : filter[key]));
      const where = said.map((key) => conditions[key](`$${valued.indexOf(key) + 1}`));
      const after = keyOf(order, keyAfter(page));
      if (after) where.push(beyond[order].after(values.length + 1));
      values.push(...(after ?? []), (page.pageSize || 50) + 1);
      const text = `SELECT ${caseColumns} FROM ${caseTables}${where.length > 0 ? ` WHERE ${where.join(" AND ")}` : ""}
        ORDER BY ${beyond[order].orderBy} LIMIT $${values.length}`;
      // Planned once for each way of asking, of which there are few in use.
      const name = `case.${order}.${said.map((key) => keys.indexOf(key)).join(".")}${after ? ".next" : ""}`;
      const rows = await toCases(vault, await db.query({ name, text }, values));
      return pageOf(rows, page, (one) => tokenOf(order, one));
    },
  };
}

export type Cases = ReturnType<typeof openCases>;

function tokenOf(order: CaseOrder, { resolutionId, dueTime }: Case): string {
  return order === "DUE" ? `${dueTime?.getTime() ?? "never"}.${resolutionId}` : resolutionId;
}

/** What the order compares a page's first row with. */
function keyOf(order: CaseOrder, token: string | undefined): readonly unknown[] | undefined {
  if (token === undefined) return undefined;
  const [, due, id] = /^(?:(\d{1,15}|never)\.)?(res_[0-9A-Z]{26})$/.exec(token) ?? [];
  if (!id || (due !== undefined) !== (order === "DUE")) throw invalidToken();
  if (order !== "DUE") return [id];
  return [due === "never" ? "infinity" : new Date(Number(due)), id];
}

// biome-ignore lint/suspicious/noExplicitAny: rows of the select
export async function toCases(vault: Vault, rows: any[]): Promise<Case[]> {
  const { table, places } = personal;
  const open = await vault.open(table, (row) => row.resolutionId, rows, { hold: places.hold, chart: places.chart });
  return open.map(toCase);
}

// biome-ignore lint/suspicious/noExplicitAny: a row of the select
function toCase({ goods, money, stock, lines, chart, ...row }: any): Case {
  return {
    ...row,
    hold: row.hold ?? undefined,
    tracks: goods ? { goods, money, stock } : undefined,
    reasons: [...new Set((lines as { reason: string }[]).map(({ reason }) => reason))],
    heldBack: chart.heldBack ?? undefined,
    dueTime: row.dueTime ?? undefined,
    assignTime: row.assignTime ?? undefined,
  };
}
