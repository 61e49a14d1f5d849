// Which correction a tax document takes: each market has its own. Pure.

export type DocumentKind = "CASH_RECEIPT" | "E_INVOICE" | "VAT_INVOICE";
export type CorrectionKind = "CASH_RECEIPT_CANCEL" | "VOID" | "ALLOWANCE" | "CREDIT_NOTE";

export const correctionsOf: Readonly<Record<DocumentKind, readonly CorrectionKind[]>> = {
  CASH_RECEIPT: ["CASH_RECEIPT_CANCEL"],
  E_INVOICE: ["VOID", "ALLOWANCE"],
  VAT_INVOICE: ["CREDIT_NOTE"],
};

/** The documents that a correction of this kind is for. */
export function documentsOf(kind: CorrectionKind): DocumentKind[] {
  const all = Object.entries(correctionsOf) as [DocumentKind, readonly CorrectionKind[]][];
  return all.filter(([, kinds]) => kinds.includes(kind)).map(([document]) => document);
}
