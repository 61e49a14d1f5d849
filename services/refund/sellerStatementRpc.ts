// The rpcs of backhaul.refund.v1.SellerStatementService: a seller's month out of the ledger, as pages and as CSV.
import type {
  SellerStatementServiceService as methods,
  SellerStatementLine,
} from "#gen/backhaul/refund/v1/seller_statement_service.js";
import type { Call } from "#kit/call.js";
import { InvalidRequest } from "#kit/errors.js";
import { check } from "#kit/pure/check.js";
import { exponentOf, type Money, toProto } from "#kit/pure/money.js";
import type { Handlers } from "#kit/server.js";
import type { SellerStatements, StatementLine, StatementOf } from "./sellerStatements.js";

/** About what one message may carry. */
const exportMax = 10_000;

export function sellerStatementRpc(statements: SellerStatements): Handlers<typeof methods> {
  /** @throws DomainError SELLER_NOT_FOUND for another seller's */
  function reach({ sellerId, month }: Omit<StatementOf, "market">, { caller }: Call): StatementOf {
    const theirs = caller.role !== "SELLER" || caller.subject === sellerId;
    check(theirs, "SELLER_NOT_FOUND", `no seller ${sellerId}`, { seller_id: sellerId });
    return { sellerId, month, market: caller.market ?? "" };
  }

  return {
    async getSellerStatement({ sellerId, month, ...page }, call) {
      const of = reach({ sellerId, month }, call);
      const [{ rows, nextPageToken }, totals] = await Promise.all([statements.lines(of, page), statements.totals(of)]);
      return {
        lines: rows.map(toStatementLine),
        totals: totals.map(({ fault, currency, minor, lines }) => {
          return { fault, amount: toProto({ minor, currency }), lines };
        }),
        nextPageToken,
      };
    },

    async exportSellerStatement(request, call) {
      const of = reach(request, call);
      const { rows, nextPageToken } = await statements.lines(of, { pageSize: exportMax, pageToken: "" });
      if (nextPageToken !== "")
        throw new InvalidRequest([
          { field: "month", description: `has more than ${exportMax} lines: read it page by page` },
        ]);
      const data = Buffer.from(
        [columns, ...rows.map(cellsOf)].map((cells) => `${cells.map(cell).join(",")}\r\n`).join(""),
      );
      return { csv: { contentType: "text/csv; charset=utf-8", data, extensions: [] } };
    },
  };
}

function toStatementLine(line: StatementLine): SellerStatementLine {
  const { entryId, journalId, refundId, resolutionId, orderId, fault, currency, createTime } = line;
  const amount = (minor: bigint) => toProto({ minor, currency });
  return {
    ...{ entryId, journalId, refundId, resolutionId, orderId, fault, createTime },
    amount: amount(line.minor),
    refunded: amount(line.refundedMinor),
    fees: amount(line.feesMinor),
  };
}

const columns = [
  "time",
  "entry",
  "journal",
  "refund",
  "request",
  "order",
  "fault",
  "currency",
  "amount",
  "refunded",
  "fees",
];

function cellsOf(line: StatementLine): string[] {
  const { createTime, entryId, journalId, refundId, resolutionId, orderId, fault, currency } = line;
  const amounts = [line.minor, line.refundedMinor, line.feesMinor].map((minor) => decimal({ minor, currency }));
  return [createTime.toISOString(), entryId, journalId, refundId, resolutionId, orderId, fault, currency, ...amounts];
}

/** RFC 4180; what a spreadsheet would take for a formula is kept from being one. */
function cell(text: string): string {
  const plain = /^[=+@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** "-12.50": as many digits as the currency has. */
function decimal({ minor, currency }: Money): string {
  const exponent = exponentOf(currency);
  const digits = (minor < 0n ? -minor : minor).toString().padStart(exponent + 1, "0");
  const cut = digits.length - exponent;
  return `${minor < 0n ? "-" : ""}${digits.slice(0, cut)}${exponent > 0 ? `.${digits.slice(cut)}` : ""}`;
}
