// The refund service without its engine: the real store on a real Postgres, the real steps, and a test that decides when
// which step is done and what time it is.

import type { PaymentServiceService } from "#gen/backhaul/partner/payment/v1/payment_service.js";
import type { PointsServiceService } from "#gen/backhaul/partner/points/v1/points_service.js";
import { ownCall } from "#kit/call.js";
import type { ClientOf, ServiceContract } from "#kit/client.js";
import type { LeasedStep } from "#kit/commit.js";
import { codes, RpcError } from "#kit/errors.js";
import { newId } from "#kit/ids.js";
import { migrate } from "#kit/migrate.js";
import { openDatabase } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import type { Handlers } from "#kit/server.js";
import type { Stage } from "#kit/testing/stage.js";
import { testVault } from "#kit/testing/vault.js";
import { openAbilities } from "../abilities.js";
import type { GrantedSoFar, Outcome, Refund, SoldOrder } from "../core/types.js";
import { openProviders } from "../providers.js";
import { refundSteps } from "../steps.js";
import { openStore } from "../store.js";
import { fakePartners, fakeProvider } from "./fakes.js";

/** A contract's handlers as their callers see them: what they throw comes as an RpcError. */
function inside<S extends ServiceContract>(handlers: Handlers<S>): ClientOf<S> {
  const call = ownCall("refund");
  const methods = Object.entries(handlers).map(([name, handle]) => [
    name,
    async (request: unknown) => {
      try {
        return await (handle as (request: unknown, from: unknown) => Promise<unknown>)(request, call);
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        const method = `/fake/${name[0]?.toUpperCase()}${name.slice(1)}`;
        throw new RpcError(codes[error.reason as keyof typeof codes], error.reason, error.message, {}, method);
      }
    },
  ]);
  return Object.fromEntries(methods);
}

export type Hand = Awaited<ReturnType<typeof openHand>>;

export async function openHand(stage: Stage) {
  const db = openDatabase({
    url: stage.databaseUrl,
    schema: `hand_${newId("tst").slice(4).toLowerCase()}`,
    poolSize: 2,
  });
  await migrate(db, new URL("../prisma/migrations/", import.meta.url));
  let now = new Date("2026-11-23T12:00:00Z");
  const clock = { now: () => now };
  const store = openStore(
    db,
    { now: clock.now, announce: () => {}, hasRoom: () => false, take: () => {} },
    testVault(db),
  );
  const psp = fakeProvider();
  const partners = fakePartners();
  const payments = inside<typeof PaymentServiceService>(psp.contract);
  const providers = openProviders(payments, inside<typeof PointsServiceService>(partners.points));
  const abilities = openAbilities(payments);
  const steps = refundSteps({ store, clock, abilities, providers, twins: async () => "theirs" });
  const call = ownCall("refund");

  const spend = () => ({
    token: { kind: "request" as const, principal: "TEST:hand", requestId: newId("req"), fingerprint: Buffer.from("x") },
    answer: (refund: Refund) => refund,
    keep: () => Buffer.alloc(0),
    recall: (): never => {
      throw new RangeError("asked once");
    },
  });

  /** Does one step as the agenda would: once, and if that fails, again later or never. */
  async function perform(step: LeasedStep): Promise<void> {
    const handler = steps[step.step]!;
    try {
      await handler.run(step, call);
    } catch (error) {
      const final = error instanceof RpcError && !error.retryable;
      if (final || step.attempt >= 3) await handler.giveUp(step, error as Error);
    }
  }

  const due = (only: string): Promise<LeasedStep[]> =>
    db.query(
      {
        name: "hand.claim",
        text: `UPDATE agenda SET attempt = attempt + 1, lease_epoch = lease_epoch + 1
          WHERE due_time <= $1 AND ($2 = '' OR step = $2)
          RETURNING agenda_id AS id, aggregate_id AS "aggregateId", step, due_time AS due, attempt, lease_epoch AS epoch,
            payload, traceparent`,
      },
      [now, only],
    );

  return {
    db,
    psp,
    store,
    abilities: () => abilities.of(["CARD", "VIRTUAL_ACCOUNT"], call),
    now: clock.now,
    pass: (ms: number) => {
      now = new Date(now.getTime() + ms);
    },
    grant: (order: SoldOrder, decide: (soFar: GrantedSoFar) => Outcome) => store.grant(order, spend(), decide),
    change: (refundId: string, decide: (refund: Refund) => Outcome) => store.change(refundId, spend(), decide),

    /** What NoteProviderNews does. */
    async hint(paymentId: string): Promise<void> {
      const payment = await providers.payment(paymentId, call);
      if (payment) await store.savePayment(payment);
      await store.lookInto(newId("hnt"), paymentId, "");
    },

    /** Every step of this name that is due, once. */
    async run(only: string): Promise<number> {
      const found = await due(only);
      for (const step of found) await perform(step);
      return found.length;
    },

    /** Everything that is due or will be within some hours, until nothing is left. */
    async rest(): Promise<void> {
      for (let round = 0; round < 60; round++) {
        const found = await due("");
        for (const step of found) await perform(step);
        const [row] = await db.query({ name: "hand.next", text: "SELECT min(due_time) AS next FROM agenda" });
        if (!row.next) return;
        if (row.next > now) now = new Date(Math.min(row.next.getTime(), now.getTime() + 3_600_000));
      }
    },

    async close(): Promise<void> {
      await db.query({ name: "", text: `DROP SCHEMA "${db.schema}" CASCADE` });
      await store.close();
      await db.close();
    },
  };
}
