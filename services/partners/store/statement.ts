// The payment provider's statement. Line ids are made from the book time, so that their order is the statement's.
import { randomBytes } from "node:crypto";
import type { PrismaClient } from "#gen/prisma/partners/client.js";
import { type Page, pageOf, pageQuery } from "#kit/pages.js";
import { type Id, idOf, ulid } from "#kit/pure/ids.js";
import type { LineKind } from "../core/provider.js";

/** Where the columns of a new line come from; `id` may be null for no line at all. */
export type NewLine = {
  readonly id: string;
  readonly kind: string;
  readonly amount: string;
  readonly now: string;
  readonly refund?: string;
};

/** Writes a line for each row of `source`, which has key, payment_id and currency; none where its id is null. */
export function lined(source: string, { id, kind, amount, now, refund = "provider_refund_id" }: NewLine): string {
  return `INSERT INTO statement_line (line_id, kind, payment_id, provider_refund_id, key, currency, amount_minor, book_time)
    SELECT ${id}::text, ${kind}, payment_id, ${refund}, key, currency, ${amount}, ${now}::timestamptz
    FROM ${source} WHERE ${id}::text IS NOT NULL AND ${amount} > 0`;
}

/** An id whose order is business time's. */
export function idAt<K extends string>(kind: K, time: Date): Id<K> {
  return idOf(kind, ulid(time.getTime(), randomBytes(10)));
}

/** No id of that time or later sorts before it. */
export function firstIdAt<K extends string>(kind: K, time: Date): Id<K> {
  return idOf(kind, ulid(Math.max(0, time.getTime()), new Uint8Array(10)));
}

const statementPageSize = 500;

/** Opens the statement. */
export function openStatement(prisma: PrismaClient) {
  return {
    /** Oldest first. @throws DomainError PAGE_TOKEN_INVALID */
    list: async (from: Date | undefined, to: Date | undefined, page: Page) => {
      const { beyond, orderBy, take } = pageQuery(page, "lineId", "asc", statementPageSize);
      const within = { ...(from && { gte: firstIdAt("sln", from) }), ...(to && { lt: firstIdAt("sln", to) }) };
      const rows = await prisma.statementLine.findMany({ where: { AND: [{ lineId: within }, beyond] }, orderBy, take });
      const { rows: kept, nextPageToken } = pageOf(rows, page, (row) => row.lineId, statementPageSize);
      const lines = kept.map(({ currency, amountMinor, kind, ...line }) => ({
        ...line,
        kind: kind as LineKind,
        amount: { minor: amountMinor, currency },
      }));
      return { lines, nextPageToken };
    },
  };
}
