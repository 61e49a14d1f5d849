// The least an aggregate can be: something that counts.
import { aggregates, byFact, type Decided, type Mapping, type Spend } from "#kit/aggregate.js";
import { commit, commitStatement, type Followers, type NewStep, type OutgoingFact } from "#kit/commit.js";
import { newId } from "#kit/ids.js";
import type { Database } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";

export type Counter = { readonly id: string; readonly value: number; readonly version: number };

export const counterTable = "CREATE TABLE counter (id TEXT PRIMARY KEY, value INT NOT NULL, version INT NOT NULL)";

export const counterMapping: Mapping<Counter, undefined> = {
  select: "SELECT id AS counter_id, value, version FROM counter WHERE id = $1",
  insert: commitStatement(
    "counter.insert",
    "INSERT INTO counter (id, value, version) VALUES ($1, $2, $3) RETURNING id",
  ),
  update: commitStatement(
    "counter.update",
    "UPDATE counter SET value = $3, version = $4 WHERE id = $1 AND version = $2 RETURNING id",
  ),
  insertValues: (c) => [c.id, c.value, c.version],
  updateValues: (c, before) => [c.id, before.version, c.value, c.version],
  toCore: (row) => ({ id: row.counter_id, value: row.value, version: row.version }),
  notFound: (id) => new DomainError("REFUND_NOT_FOUND", `no counter ${id}`),
};

/** One more. */
export const grown = (c: Counter): Decided<Counter> => ({
  next: { ...c, value: c.value + 1, version: c.version + 1 },
  extra: undefined,
});

export type Counters = ReturnType<typeof countersOf>;

export function countersOf(db: Database, followers: Followers) {
  const counters = aggregates<Counter>(db, followers, counterMapping, "counter");
  const bySomebody = <A>(): Spend<A, undefined> => ({
    token: { kind: "request", principal: "TEST:test", requestId: newId("req"), fingerprint: Buffer.from("x") },
    answer: () => undefined,
    keep: () => Buffer.alloc(0),
    recall: () => undefined,
  });
  const silent = commitStatement("counter.announce", "SELECT $1::text AS id");
  return {
    begin: async (steps: readonly NewStep[] = []): Promise<string> => {
      const id = newId("cnt");
      await counters.create(
        bySomebody(),
        async () => undefined,
        () => ({ next: { id, value: 0, version: 1 }, extra: undefined, steps }),
      );
      return id;
    },
    change: (id: string, spend: Spend<Counter, Counter>) => counters.change(id, spend, grown),
    byFact: (id: string, eventId: string) => counters.change(id, byFact("test", eventId), grown),
    value: async (id: string) => (await counters.find(id)).value,
    announce: (id: string, fact: OutgoingFact) =>
      commit(db, followers, silent, [id], { token: bySomebody().token, facts: [fact], steps: [], dropped: [] }),
    /** Whether this fact was announced of this counter. */
    announced: async (eventId: string, id: string): Promise<boolean> => {
      const text = "SELECT FROM outbox WHERE event_id = $1 AND aggregate_id = $2";
      return (await db.query({ name: "", text }, [eventId, id])).length === 1;
    },
  };
}
