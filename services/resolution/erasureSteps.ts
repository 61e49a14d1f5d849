// Carries erasures out: looks whether anything still needs the data, then has every service destroy its keys, one after the
// other. What was done is kept after each, so a crash or a service that is away loses nothing.
import type { PersonalDataServiceService } from "#gen/backhaul/privacy/v1/personal_data_service.js";
import type { StepHandler } from "#kit/agenda.js";
import { byFact, byStep } from "#kit/aggregate.js";
import type { ClientOf } from "#kit/client.js";
import type { Clock } from "#kit/clock.js";
import { type Forgotten, forget } from "#kit/erasing.js";
import { briefOf } from "#kit/errors.js";
import type { Database } from "#kit/postgres.js";
import type { Vault } from "#kit/vault.js";
import { deferred, erased, erasedIn } from "./core/erasure.js";
import type { ErasureStore } from "./erasureStore.js";
import { forgetting } from "./forgetting.js";

export type ErasureStepParts = {
  readonly store: ErasureStore;
  readonly db: Database;
  readonly vault: Vault;
  readonly clock: Clock;
  /** Every other service that keeps words of people. */
  readonly services: Readonly<Record<string, ClientOf<typeof PersonalDataServiceService>>>;
};

/** As many requests as one call names. */
const page = 500;

export function erasureSteps({ store, db, vault, clock, services }: ErasureStepParts): { readonly erase: StepHandler } {
  /** A customer's requests, a call's worth at a time; once without any for who never asked for anything. */
  async function* pagesOf(customerId: string): AsyncIterable<Forgotten> {
    for (let after = ""; ; ) {
      const resolutionIds = await store.resolutionsOf(customerId, after, page);
      if (resolutionIds.length > 0 || after === "") yield { customerId, resolutionIds };
      if (resolutionIds.length < page) return;
      after = resolutionIds.at(-1) ?? "";
    }
  }

  return {
    erase: {
      async run(step, call) {
        const { erasureId, customerId } = await store.find(step.aggregateId);
        const obstacles = await store.obstacles(customerId, clock.now());
        if (obstacles.length > 0) {
          await store.change(erasureId, byStep(step), (erasure) => deferred(erasure, obstacles, clock.now()));
          return;
        }
        const everywhere: Record<string, (whom: Forgotten) => Promise<unknown>> = {
          resolution: (whom) => forget(db, vault, forgetting, whom),
        };
        for (const [name, service] of Object.entries(services)) {
          everywhere[name] = ({ resolutionIds }) =>
            service.eraseSubjects({ erasureId, customerId, resolutionIds: [...resolutionIds] }, call);
        }
        for (const [name, erase] of Object.entries(everywhere)) {
          // Also who has done so before: while another was away, they may have heard of the customer again.
          for await (const whom of pagesOf(customerId)) await erase(whom);
          await store.change(erasureId, byFact("erasure", `${erasureId}.${name}`), (erasure) =>
            erasedIn(erasure, name),
          );
        }
        await store.change(erasureId, byStep(step), (erasure) => erased(erasure, clock.now()));
      },
      // Nobody is left half forgotten for good: tomorrow it goes on where it stopped.
      giveUp: async (step, error) => {
        await store.change(step.aggregateId, byStep(step), (erasure) =>
          deferred(erasure, [{ code: "SERVICE_AWAY", reference: briefOf(error) }], clock.now()),
        );
      },
    },
  };
}
