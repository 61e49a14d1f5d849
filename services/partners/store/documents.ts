// The tax system's book: documents of sales, and their corrections, never above what was paid. Correction numbers are made
// from the issue time, so that their order is the list's.
import type { PrismaClient } from "#gen/prisma/partners/client.js";
import { type Page, pageOf, pageQuery } from "#kit/pages.js";
import { type Database, type Statement, violated } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import type { Money } from "#kit/pure/money.js";
import { type CorrectionKind, type DocumentKind, documentsOf } from "../core/documents.js";
import { keyed, underKey } from "./keyed.js";
import { firstIdAt, idAt } from "./statement.js";

/** A correction to issue. */
export type NewCorrection = {
  readonly key: string;
  readonly documentNumber: string;
  readonly orderId: string;
  readonly kind: CorrectionKind;
  readonly amount: Money;
  /** Contained in the amount; undefined where the caller does not tell. */
  readonly taxMinor: bigint | undefined;
};

/** A correction in the book. */
export type BookedCorrection = NewCorrection & { readonly correctionNumber: string; readonly issueTime: Date };

const columns =
  "correction_number, document_number, order_id, kind, currency, amount_minor, tax_minor, issue_time" as const;

/**
 * $2 number, $3 document, $4 order, $5 kind, $6 currency, $7 amount, $8 tax, $9 now, $10 the documents of that kind. Only
 * the whole can be void; the CHECK refuses more than was paid.
 */
const issue = keyed("document.correct", "correction", columns, {
  change: `UPDATE tax_document SET corrected_minor = corrected_minor + $7::bigint FROM fresh
    WHERE document_number = $3::text AND order_id = $4::text AND currency = $6::text AND kind = ANY($10::text[])
      AND ($5::text <> 'VOID' OR paid_minor = $7::bigint)
    RETURNING $2::text AS correction_number, document_number, order_id, $5::text AS kind, currency,
      $7::bigint AS amount_minor, $8::bigint AS tax_minor, $9::timestamptz AS issue_time`,
});
const find: Statement = {
  name: "document.find",
  text: "SELECT kind, currency, paid_minor, corrected_minor FROM tax_document WHERE document_number = $1 AND order_id = $2",
};

const pageSize = 500;

/** Opens the book. */
export function openDocuments(db: Database, prisma: PrismaClient) {
  /** Why nothing was issued. */
  async function refusal({ documentNumber, orderId, kind, amount }: NewCorrection): Promise<DomainError> {
    const [document] = await db.query(find, [documentNumber, orderId]);
    if (!document) {
      const message = `order ${orderId} has no tax document ${documentNumber}`;
      return new DomainError("PARTNER_NOT_FOUND", message, { partner: "taxdocument", id: documentNumber });
    }
    const { currency, paid_minor: paid, corrected_minor: corrected } = document;
    const refused = (code: string, message: string) =>
      new DomainError("PARTNER_REFUSED", message, { partner: "taxdocument", code });
    if (!documentsOf(kind).includes(document.kind as DocumentKind))
      return refused("KIND", `a ${kind} does not correct a ${document.kind}`);
    if (currency !== amount.currency) return refused("CURRENCY", `${documentNumber} is in ${currency}`);
    if (kind === "VOID") return refused("NOT_WHOLE", `${documentNumber} is voided whole, ${paid}, or not at all`);
    return refused("ABOVE_PAID", `${paid} was paid, ${corrected} is corrected: not ${amount.minor} more`);
  }

  return {
    /** Issues once per key. @throws DomainError PARTNER_NOT_FOUND, PARTNER_REFUSED, REQUEST_ID_REUSED */
    issue: async (correction: NewCorrection, now: Date): Promise<BookedCorrection> => {
      const { key, documentNumber, orderId, kind, amount, taxMinor } = correction;
      const row = [documentNumber, orderId, kind, amount.currency, amount.minor, taxMinor ?? null, now];
      const same = (done: BookedCorrection) =>
        done.documentNumber === documentNumber &&
        done.orderId === orderId &&
        done.kind === kind &&
        done.amount.currency === amount.currency &&
        done.amount.minor === amount.minor &&
        done.taxMinor === taxMinor;
      try {
        const asked = [key, idAt("cor", now), ...row, documentsOf(kind)] as const;
        const done = await underKey(db, issue, asked, toCorrection, same);
        if (done) return done;
      } catch (error) {
        if (violated(error) !== "tax_document_cap_check") throw error;
      }
      throw await refusal(correction);
    },

    /** Oldest first. @throws DomainError PAGE_TOKEN_INVALID */
    list: async (from: Date | undefined, page: Page) => {
      const { beyond, orderBy, take } = pageQuery(page, "correctionNumber", "asc", pageSize);
      const since = from ? { correctionNumber: { gte: firstIdAt("cor", from) } } : {};
      const rows = await prisma.correction.findMany({ where: { AND: [since, beyond] }, orderBy, take });
      const { rows: kept, nextPageToken } = pageOf(rows, page, (row) => row.correctionNumber, pageSize);
      const corrections = kept.map(({ currency, amountMinor, kind, ...correction }) => ({
        ...correction,
        kind: kind as CorrectionKind,
        amount: { minor: amountMinor, currency },
      }));
      return { corrections, nextPageToken };
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: shaped by the statement above
function toCorrection(row: any): BookedCorrection {
  return {
    correctionNumber: row.correction_number,
    key: row.key,
    documentNumber: row.document_number,
    orderId: row.order_id,
    kind: row.kind,
    amount: { minor: row.amount_minor, currency: row.currency },
    taxMinor: row.tax_minor ?? undefined,
    issueTime: row.issue_time,
  };
}
