// Moves the payment provider's book on, or spoils it, as an operator says; and the step that tells the refund service, as a
// provider's webhook would. The news are only a hint: what happened is read from the book.
import type { RefundServiceService } from "#gen/backhaul/refund/v1/refund_service.js";
import { type MoveProviderRequest, ProviderMove } from "#gen/backhaul/sandbox/v1/sandbox_service.js";
import type { Agenda, StepHandler } from "#kit/agenda.js";
import type { ClientOf } from "#kit/client.js";
import type { Clock } from "#kit/clock.js";
import { InvalidRequest } from "#kit/errors.js";
import { DomainError } from "#kit/pure/check.js";
import { words } from "#kit/words.js";
import { type DisputeMove, refundMoveOf } from "./core/provider.js";
import type { News } from "./store/provider.js";
import type { Store } from "./store/store.js";

const moves = words(ProviderMove, "PROVIDER_MOVE_");

/** Tries of the telling, over some ten minutes: a provider's webhooks outlast an outage. */
const attempts = 50;

/**
 * Gives the function that makes a move.
 * @throws DomainError PARTNER_NOT_FOUND for no refund, payment, line or correction of that name, PARTNER_REFUSED when it
 * is not where the move begins
 */
export function providerMover(
  { provider, payments }: Store,
  clock: Clock,
  agenda: Agenda,
): (request: MoveProviderRequest) => Promise<void> {
  /** The refund was not where the move begins, or there is none. */
  async function notMoved(key: string): Promise<DomainError> {
    const refund = await payments.refundOf(key);
    return refund ? refused(refund.state, `the refund under ${key} is ${refund.state}`) : unknown(key);
  }

  async function dispute(paymentId: string, move: DisputeMove, silently: boolean): Promise<void> {
    if (await provider.moveDispute(paymentId, move, silently, clock.now())) return;
    const { disputeOpen } = await payments.find(paymentId);
    throw refused(disputeOpen ? "DISPUTED" : "NOT_DISPUTED", `${paymentId} has ${disputeOpen ? "a" : "no"} dispute`);
  }

  async function spoil(done: Promise<boolean>, name: string): Promise<void> {
    if (!(await done)) throw unknown(name);
  }

  return async ({ move, paymentId, key, silently }) => {
    const word = moves.word(move);
    switch (word) {
      case "SETTLE":
      case "FAIL":
      case "REVERSE":
        if (!(await provider.moveRefund(key, refundMoveOf[word], silently, clock.now()))) throw await notMoved(key);
        break;
      case "OPEN_DISPUTE":
        await dispute(paymentId, "OPEN", silently);
        break;
      case "WIN_DISPUTE":
        await dispute(paymentId, "WIN", silently);
        break;
      case "LOSE_DISPUTE":
        await dispute(paymentId, "LOSE", silently);
        break;
      case "ADD_ORPHAN":
        return spoil(provider.addOrphan(key, paymentId, clock.now()), paymentId || key);
      case "PAY_TWICE":
        return spoil(provider.payTwice(key, clock.now()), key);
      case "WRONG_AMOUNT":
        return spoil(provider.wrongAmount(key), key);
      case "WRONG_CURRENCY":
        return spoil(provider.wrongCurrency(key), key);
      case "DROP_LINE":
        return spoil(provider.dropLine(key), key);
      case "DROP_CORRECTION":
        return spoil(provider.dropCorrection(key), key);
      default:
        throw new InvalidRequest([{ field: "move", description: "not a move of this version" }]);
    }
    // The telling is due now.
    agenda.poke();
  };
}

/** The step that tells. `refund` is asked for anew each time: where it answers may be told late. */
export function newsStep(refund: () => ClientOf<typeof RefundServiceService>, agenda: Agenda): StepHandler {
  return {
    run: async (step) => {
      const news: News = step.payload;
      await refund().noteProviderNews(news);
      // The same news twice do no harm, so the step need not go at once.
      agenda.finish(step);
    },
    // The log says so; the refund service asks by itself after a while.
    giveUp: async (step) => agenda.finish(step),
    attempts,
  };
}

function unknown(name: string): DomainError {
  const message = `nothing in the provider's book is named "${name}"`;
  return new DomainError("PARTNER_NOT_FOUND", message, { partner: "payment", id: name });
}

function refused(code: string, message: string): DomainError {
  return new DomainError("PARTNER_REFUSED", message, { partner: "payment", code });
}
