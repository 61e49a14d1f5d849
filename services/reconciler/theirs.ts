// What the outside systems say, page by page: the provider's statement and the corrections of tax documents.
import type { PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import type { TaxDocumentServiceService } from "#gen/backhaul/partner/taxdocument/v1/tax_document_service.js";
import type { ClientOf } from "#kit/client.js";
import type { Correction, StatementLine } from "./core/types.js";
import { fromCorrection, fromLine } from "./proto.js";

export type Theirs = {
  statement(): AsyncIterable<StatementLine[]>;
  corrections(): AsyncIterable<Correction[]>;
};

/** The most that the contracts allow. */
const pageSize = 2000;

export function openTheirs(
  payment: ClientOf<typeof PaymentServiceService>,
  taxDocument: ClientOf<typeof TaxDocumentServiceService>,
): Theirs {
  // Everything, from the first day: a payment may be repeated years later, and only then is it one too many.
  const always = { fromTime: undefined, toTime: undefined, pageSize };
  return {
    statement: () =>
      paged(async (pageToken) => {
        const { lines, nextPageToken } = await payment.listStatementLines({ ...always, pageToken });
        return { rows: lines.map(fromLine), nextPageToken };
      }),
    corrections: () =>
      paged(async (pageToken) => {
        const { corrections, nextPageToken } = await taxDocument.listCorrections({ ...always, pageToken });
        return { rows: corrections.map(fromCorrection), nextPageToken };
      }),
  };
}

/** @throws Error if a page leads back to itself: a list that never ends is none */
async function* paged<R>(read: (pageToken: string) => Promise<{ rows: R[]; nextPageToken: string }>) {
  for (let pageToken = ""; ; ) {
    const { rows, nextPageToken } = await read(pageToken);
    yield rows;
    if (nextPageToken === "") return;
    if (nextPageToken === pageToken) throw new Error(`the list's next page is the same page: ${pageToken}`);
    pageToken = nextPageToken;
  }
}
