// The system that issues tax documents.
import {
  type Correction,
  CorrectionKind,
  type TaxDocumentServiceService,
} from "#gen/backhaul/partner/taxdocument/v1/tax_document_service.js";
import type { Clock } from "#kit/clock.js";
import { InvalidRequest } from "#kit/errors.js";
import { fromProto, toProto } from "#kit/pure/money.js";
import { words } from "#kit/words.js";
import type { Partner } from "../played.js";
import type { BookedCorrection } from "../store/documents.js";
import type { Store } from "../store/store.js";
import { aboveZero } from "./amounts.js";

export const correctionKinds = words(CorrectionKind, "CORRECTION_KIND_");

export function taxDocumentPartner({ documents }: Store, clock: Clock): Partner<typeof TaxDocumentServiceService> {
  return {
    issueCorrection: {
      about: ({ orderId }) => orderId,
      answer: async ({ key, documentNumber, kind: value, amount: asked, tax, orderId }) => {
        const kind = correctionKinds.word(value);
        if (!kind) throw new InvalidRequest([{ field: "kind", description: "not a kind of this version" }]);
        const amount = aboveZero(asked);
        const taxed = tax && fromProto(tax);
        if (taxed && (taxed.currency !== amount.currency || taxed.minor < 0n || taxed.minor > amount.minor))
          throw new InvalidRequest([{ field: "tax", description: "must be contained in the amount" }]);
        const correction = { key, documentNumber, orderId, kind, amount, taxMinor: taxed?.minor };
        return { correction: toMessage(await documents.issue(correction, clock.now())) };
      },
    },

    listCorrections: {
      about: ({ pageToken }) => pageToken,
      answer: async ({ fromTime, ...page }) => {
        const { corrections, nextPageToken } = await documents.list(fromTime, page);
        return { corrections: corrections.map(toMessage), nextPageToken };
      },
    },
  };
}

function toMessage(correction: Omit<BookedCorrection, "orderId" | "taxMinor">): Correction {
  const { correctionNumber, key, documentNumber, kind, amount, issueTime } = correction;
  return {
    correctionNumber,
    key,
    documentNumber,
    kind: correctionKinds.value(kind),
    amount: toProto(amount),
    issueTime,
  };
}
