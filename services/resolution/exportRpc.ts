// The rpcs of backhaul.resolution.v1.DeskExportService: saved searches, read page by page and never held as a whole.
import {
  ExportColumn,
  type Export as ExportMessage,
  Export as ExportMessages,
  DeskExportServiceService as methods,
} from "#gen/backhaul/resolution/v1/desk_export_service.js";
import { byRequest } from "#kit/aggregate.js";
import type { Clock } from "#kit/clock.js";
import { check } from "#kit/pure/check.js";
import type { Handlers } from "#kit/server.js";
import { words } from "#kit/words.js";
import type { Cases } from "./caseStore.js";
import { byteOrderMark, csvLine } from "./core/csv.js";
import { cellsOf, type Export, forbidden, namesOf } from "./core/export.js";
import { fromFilter, toFilter } from "./deskProto.js";
import type { Exports } from "./exportStore.js";

export type ExportParts = { readonly cases: Cases; readonly exports: Exports; readonly clock: Clock };

const columns = words(ExportColumn, "EXPORT_COLUMN_");
/** So many cases are in memory at once. */
const pageSize = 500;
const contentType = "text/csv; charset=utf-8; header=present";

export function exportRpc({ cases, exports, clock }: ExportParts): Handlers<typeof methods> {
  const saved = (one: Export): { export: ExportMessage | undefined } => ({ export: toMessage(one) });
  const part = (text: string) => ({ body: { contentType, data: Buffer.from(text), extensions: [] } });

  return {
    async putExport(request, call) {
      const {
        exportId,
        title,
        filter,
        columns: asked,
        byteOrderMark,
      } = request.export ?? ExportMessages.fromPartial({});
      const one: Export = {
        exportId,
        title,
        filter: toFilter(filter),
        columns: asked.flatMap((column) => columns.word(column) ?? []),
        byteOrderMark,
        version: request.version + 1,
        editor: call.caller.subject,
        updateTime: clock.now(),
      };
      const spend = byRequest(methods.putExport, request, call, saved);
      return request.version === 0 ? exports.create(spend, one) : exports.change(spend, one);
    },

    async listExports(page) {
      const { rows, nextPageToken } = await exports.list(page);
      return { exports: rows.map(toMessage), nextPageToken };
    },

    async *downloadExport({ exportId }, { caller }, canceled) {
      const one = await exports.find(exportId);
      const secret = forbidden(one, caller.role);
      const names = secret.join(", ");
      check(secret.length === 0, "ROLE_NOT_ALLOWED", `${caller.role} may not read ${names}`, { role: caller.role });
      yield part(`${one.byteOrderMark ? byteOrderMark : ""}${csvLine(namesOf(one))}`);
      // What is due is measured by the time at which the export began, so that its pages agree.
      const now = clock.now();
      let pageToken = "";
      do {
        const page = await cases.search(one.filter, "OLDEST", { pageSize, pageToken }, now);
        if (page.rows.length > 0) yield part(page.rows.map((row) => csvLine(cellsOf(one, row))).join(""));
        pageToken = page.nextPageToken;
      } while (pageToken !== "" && !canceled.aborted);
    },
  };
}

function toMessage({ filter, columns: shown, ...rest }: Export): ExportMessage {
  return ExportMessages.fromPartial({
    ...rest,
    filter: fromFilter(filter),
    columns: shown.map((column) => columns.value(column)),
  });
}
