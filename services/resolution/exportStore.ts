// Saved exports as SQL.
import { aggregates, type Spend } from "#kit/aggregate.js";
import { commitStatement, type Followers } from "#kit/commit.js";
import { fromJson, toJson } from "#kit/json.js";
import { keyAfter, type Page, pageOf } from "#kit/pages.js";
import type { Database, Statement } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import type { Export } from "./core/export.js";

const columns = `export_id AS "exportId", title, filter, columns, byte_order_mark AS "byteOrderMark", version, editor,
  update_time AS "updateTime"`;

const insert = commitStatement(
  "export.insert",
  `INSERT INTO saved_export (export_id, version, title, filter, columns, byte_order_mark, editor, update_time)
   VALUES ($1, $2, $3, $4::jsonb, $5::text[], $6, $7, $8) RETURNING export_id AS id`,
);
const update = commitStatement(
  "export.update",
  `UPDATE saved_export SET version = $2, title = $3, filter = $4::jsonb, columns = $5::text[], byte_order_mark = $6,
     editor = $7, update_time = $8
   WHERE export_id = $1 AND version = $9 RETURNING export_id AS id`,
);
const list: Statement = {
  name: "export.list",
  text: `SELECT ${columns} FROM saved_export WHERE export_id > $1 ORDER BY export_id LIMIT $2`,
};

export function openExports(db: Database, followers: Followers) {
  const values = (e: Export) => [
    e.exportId,
    e.version,
    e.title,
    toJson(e.filter),
    e.columns,
    e.byteOrderMark,
    e.editor,
    e.updateTime,
  ];
  const exports = aggregates<Export>(
    db,
    followers,
    {
      select: `SELECT ${columns} FROM saved_export WHERE export_id = $1`,
      insert,
      update,
      insertValues: values,
      updateValues: (next, before) => [...values(next), before.version],
      toCore: toExport,
      notFound: (id) => new DomainError("EXPORT_NOT_FOUND", `no export ${id}`, { export_id: id }),
      broken: (constraint, { exportId }) => (constraint === "saved_export_pkey" ? changed(exportId, 1) : undefined),
    },
    "export",
  );
  return {
    find: exports.find,
    /** Saves it. @throws DomainError EXPORT_CHANGED if there is one by that name */
    create: <R>(spend: Spend<Export, R>, saved: Export): Promise<R> =>
      exports.create(
        spend,
        async () => undefined,
        () => ({ next: saved, extra: undefined }),
      ),
    /** Changes the version that was read. @throws DomainError EXPORT_CHANGED */
    change: <R>(spend: Spend<Export, R>, saved: Export): Promise<R> =>
      exports.change(saved.exportId, spend, ({ version }) => {
        if (version !== saved.version - 1) throw changed(saved.exportId, version);
        return { next: saved, extra: undefined };
      }),
    /** By id. */
    list: async (page: Page) => {
      const rows = await db.query(list, [keyAfter(page) ?? "", (page.pageSize || 50) + 1]);
      return pageOf(rows.map(toExport), page, ({ exportId }) => exportId);
    },
  };
}

export type Exports = ReturnType<typeof openExports>;

function changed(exportId: string, version: number): DomainError {
  return new DomainError("EXPORT_CHANGED", `export ${exportId} is there in version ${version}: read it first`, {
    export_id: exportId,
    version: String(version),
  });
}

// biome-ignore lint/suspicious/noExplicitAny: a row of the select
function toExport(row: any): Export {
  return { ...row, filter: fromJson(row.filter) };
}
