// Between the contracts' messages and the core's words.

import type * as payments from "#gen/backhaul/partner/payment/v1/payment_service.js";
import type * as documents from "#gen/backhaul/partner/taxdocument/v1/tax_document_service.js";
import type { BreakFound } from "#gen/backhaul/reconciler/v1/reconciler_events.js";
import * as messages from "#gen/backhaul/reconciler/v1/reconciler_service.js";
import type { Money as MoneyMessage } from "#gen/google/type/money.js";
import { fromProto, type Money, toProto } from "#kit/pure/money.js";
import { words } from "#kit/words.js";
import type { Break, Correction, Run, StatementLine } from "./core/types.js";

export const breakKinds = words(messages.BreakKind, "BREAK_KIND_");
export const breakStates = words(messages.BreakState, "BREAK_STATE_");

export function toBreak({ kind, state, ours, theirs, ...found }: Break): messages.Break {
  return {
    ...found,
    kind: breakKinds.value(kind),
    state: breakStates.value(state),
    ours: ours && toProto(ours),
    theirs: theirs && toProto(theirs),
  };
}

/** What came of a run, as its caller is told. */
export function ranAs(run: Run): messages.ReconcileResponse {
  return { run: { ...run } };
}

/** A break that was found as the bus carries it. */
export function toFact({ breakId, kind, refundId, text, findTime }: Break): BreakFound {
  return { breakId, kind: breakKinds.value(kind), refundId, text, findTime };
}

export function fromLine({ lineId, kind, paymentId, key, amount, bookTime }: payments.StatementLine): StatementLine {
  return { lineId, kind, paymentId, key, amount: readable(amount), bookTime };
}

export function fromCorrection({ correctionNumber, key, amount }: documents.Correction): Correction {
  return { correctionNumber, key, amount: readable(amount) };
}

/** One line with a broken amount is a break of its own, and must not keep all others from being compared. */
function readable(amount: MoneyMessage | undefined): Money | undefined {
  try {
    return amount && fromProto(amount);
  } catch {
    return undefined;
  }
}
