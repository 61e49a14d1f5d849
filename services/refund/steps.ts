// What a refund still has to do: ask a provider and book what it said, look what became of a share, have other systems do
// their part, count the days of delay. Intent, call and record are three commits, never one; the key was stored with the
// intent and is the only one that anybody ever sees.
import type { StepHandler } from "#kit/agenda.js";
import { byStep } from "#kit/aggregate.js";
import type { Call } from "#kit/call.js";
import type { Clock } from "#kit/clock.js";
import type { LeasedStep } from "#kit/commit.js";
import { briefOf, RpcError } from "#kit/errors.js";
import type { AbilityBook } from "./abilities.js";
import * as core from "./core/answers.js";
import type { Asking } from "./core/asking.js";
import type { TwinAsking } from "./core/twins.js";
import type { Abilities, Outcome, Refund } from "./core/types.js";
import type { Providers } from "./providers.js";
import type { Store } from "./store.js";
import type { Twins } from "./twins.js";

export type StepParts = {
  readonly store: Store;
  readonly clock: Clock;
  readonly abilities: AbilityBook;
  readonly providers: Providers;
  readonly twins: Twins;
};

/** A provider's memory of a key is relied on for this share of its stated life: clocks differ. */
const trusted = 0.9;
/** A share asked for so soon after its grant goes out without another look at its payment. */
const freshMs = 2_000;

export function refundSteps({
  store,
  clock,
  abilities,
  providers,
  twins,
}: StepParts): Readonly<Record<string, StepHandler>> {
  const settle = (step: LeasedStep, decide: (refund: Refund) => Outcome): Promise<Refund> =>
    store.change(step.aggregateId, byStep(step), decide);

  /** Whether the same key would be taken for a new one. */
  function forgotten(share: Asking, { keyLifetimeSeconds }: Abilities): boolean {
    return keyLifetimeSeconds !== 0 && ageMs(share) >= keyLifetimeSeconds * 1000 * trusted;
  }

  function ageMs({ requestTime }: Asking): number {
    return clock.now().getTime() - new Date(requestTime).getTime();
  }

  /** Whether it was granted a moment ago, and the payment read for that. */
  function isFresh(share: Asking): boolean {
    return share.fresh && ageMs(share) < freshMs;
  }

  /** What came between the grant and this asking, so that nobody may be asked now. */
  async function inTheWay({ key, paymentId }: Asking, asked: boolean) {
    const { state, disputeOpen, takenBack } = await store.standing(key);
    if (state !== "REQUESTED") return core.unchanged;
    if (disputeOpen) return (refund: Refund) => core.disputeOpened(refund, paymentId, clock.now(), asked);
    return takenBack ? (refund: Refund) => core.takenBack(refund, key, clock.now()) : undefined;
  }

  /** A payout's key has a life of its own, however the order was paid. */
  async function abilitiesOf({ route, method }: Asking, call: Call): Promise<Abilities> {
    const asked = route === "BANK_TRANSFER" ? "PAYOUT" : method;
    return (await abilities.of([asked], call))(asked);
  }

  return {
    pay: {
      async run(step, call) {
        const share: Asking = step.payload;
        const able = await abilitiesOf(share, call);
        const old = forgotten(share, able);
        const again = step.attempt > 1 || share.again || old;
        if (again && able.lookup === "NONE") return void (await settle(step, unclear(share.key, cannotTell)));
        const answer = again ? await providers.look(share, call) : undefined;
        if (!answer && old) return void (await settle(step, unclear(share.key, tooOld)));
        if (!answer && (again || !isFresh(share))) {
          const hindrance = await inTheWay(share, again);
          if (hindrance) return void (await settle(step, hindrance));
        }
        const said = answer ?? (await providers.pay(share, call));
        const scene = { now: clock.now(), customerDays: able.customerDays };
        await settle(step, (refund) => core.answered(refund, share.key, said, scene));
      },
      async giveUp(step, error) {
        const share: Asking = step.payload;
        await settle(step, (refund) =>
          isRefusal(error)
            ? core.refused(refund, share.key, briefOf(error), clock.now())
            : core.unanswered(refund, share.key, briefOf(error), clock.now()),
        );
      },
    },

    look: {
      async run(step, call) {
        const share: Asking = step.payload;
        const { customerDays } = await abilitiesOf(share, call);
        const answer = await providers.look(share, call);
        await settle(step, (refund) => core.looked(refund, share.key, answer, { now: clock.now(), customerDays }));
      },
      async giveUp(step) {
        const share: Asking = step.payload;
        const scene = { now: clock.now(), customerDays: 0 };
        await settle(step, (refund) => core.looked(refund, share.key, undefined, scene));
      },
    },

    // A provider has news: all it says of our shares, and of the payment itself.
    news: {
      async run(step, call) {
        const refund = await store.find(step.aggregateId);
        const { paymentId } = step.payload as { paymentId: string };
        const asked = core.askable(refund);
        const answers = await Promise.all(
          asked.map(async (share) => [share, await providers.look(share, call)] as const),
        );
        const payment = paymentId === "" ? undefined : await providers.payment(paymentId, call);
        if (payment) await store.savePayment(payment);
        const able = await abilities.of(
          refund.tenders.map(({ method }) => method),
          call,
        );
        await settle(step, (current) => core.heard(current, answers, payment, able, clock.now()));
      },
      async giveUp(step) {
        await settle(step, core.unchanged);
      },
    },

    twin: {
      async run(step, call) {
        const twin: TwinAsking = step.payload;
        const counterpart = await twins(twin, call);
        await settle(step, (refund) => core.matched(refund, twin.key, counterpart, clock.now()));
      },
      async giveUp(step, error) {
        const twin: TwinAsking = step.payload;
        const saidNo = error instanceof RpcError && !error.retryable;
        await settle(step, (refund) =>
          saidNo
            ? core.unmatched(refund, twin.key, error.message, clock.now())
            : core.unmatchedYet(refund, twin, error.message, clock.now()),
        );
      },
    },

    accrue: {
      async run(step) {
        await settle(step, (refund) => core.delayed(refund, clock.now()));
      },
      async giveUp(step) {
        await settle(step, (refund) => core.delayed(refund, clock.now()));
      },
    },
  };

  function unclear(key: string, failure: string): (refund: Refund) => Outcome {
    return (refund) => core.unclear(refund, key, failure, clock.now());
  }
}

const cannotTell = "the provider cannot tell whether it paid: look in its own books, then settle by hand";
const tooOld =
  "the provider no longer remembers the key, and finds nothing under it: look in its own books, then settle by hand";

const paying: ReadonlySet<string> = new Set(["RefundPayment", "PayOut", "RestorePoints", "GrantCredit"]);

/**
 * The provider understood that it was to pay, and said no. Anything else leaves open what it did: a look that was refused,
 * or a fault of our own after it had paid.
 */
function isRefusal(error: Error): boolean {
  return error instanceof RpcError && !error.retryable && paying.has(error.method.split("/").at(-1) ?? "");
}
