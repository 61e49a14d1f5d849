// Dead letters: facts that could not be taken in. Each stays until somebody has it taken in after all, or says that it
// shall not be, and why.
import { type Aggregates, aggregates, type Spend } from "#kit/aggregate.js";
import type { Bus } from "#kit/bus.js";
import { commitStatement, type Followers } from "#kit/commit.js";
import { briefOf } from "#kit/errors.js";
import { type Page, pageOf } from "#kit/pages.js";
import type { Database, Statement } from "#kit/postgres.js";
import { check, DomainError } from "#kit/pure/check.js";

export type DeadLetterState = "OPEN" | "REPLAYED" | "DISCARDED";

export type DeadLetter = {
  readonly eventId: string;
  readonly subject: string;
  readonly body: Buffer;
  readonly reason: string;
  readonly owner: string;
  readonly deliveries: number;
  readonly createTime: Date;
  readonly resolveTime: Date | undefined;
  readonly state: DeadLetterState;
  readonly note: string;
};

export type DeadLetters = {
  find(eventId: string): Promise<DeadLetter>;
  list(
    filter: { readonly state: DeadLetterState; readonly subject: string },
    page: Page,
  ): Promise<{ rows: DeadLetter[]; nextPageToken: string }>;
  open(): Promise<number>;
  /** Has it taken in again. @throws DomainError DEAD_LETTER_NOT_FOUND, DEAD_LETTER_STATE, DEAD_LETTER_REFUSED */
  replay<R>(eventId: string, note: string, spend: Spend<DeadLetter, R>): Promise<R>;
  /** @throws DomainError DEAD_LETTER_NOT_FOUND, DEAD_LETTER_STATE */
  discard<R>(eventId: string, note: string, spend: Spend<DeadLetter, R>): Promise<R>;
};

const columns = `event_id AS "eventId", subject, body, reason, owner, deliveries, create_time AS "createTime",
  resolve_time AS "resolveTime", state, note`;
const update = commitStatement(
  "dead_letter.update",
  `UPDATE dead_letter SET state = $3, note = $4, deliveries = $5, resolve_time = $6
  WHERE event_id = $1 AND deliveries = $2 AND state = 'OPEN' RETURNING event_id AS id`,
);
/** The bus makes them, never a call. */
const never = commitStatement("dead_letter.never", "SELECT NULL::text AS id WHERE false");
/** Newest first; the id breaks ties, and names the row a page ends with. */
const list: Statement = {
  name: "dead_letter.list",
  text: `SELECT ${columns} FROM dead_letter d WHERE state = $1 AND ($2 = '' OR subject = $2)
    AND ($3 = '' OR (create_time, event_id) < (SELECT create_time, event_id FROM dead_letter WHERE event_id = $3))
  ORDER BY create_time DESC, event_id DESC LIMIT $4`,
};
const count: Statement = {
  name: "dead_letter.count",
  text: "SELECT count(*)::int AS n FROM dead_letter WHERE state = 'OPEN'",
};
const fail: Statement = {
  name: "dead_letter.fail",
  text: `UPDATE dead_letter SET reason = $2, deliveries = deliveries + 1 WHERE event_id = $1 AND state = 'OPEN'`,
};

export function openDeadLetters(db: Database, followers: Followers, bus: Bus, now: () => Date): DeadLetters {
  const letters: Aggregates<DeadLetter, undefined> = aggregates<DeadLetter>(
    db,
    followers,
    {
      select: `SELECT ${columns} FROM dead_letter WHERE event_id = $1`,
      insert: never,
      update,
      insertValues: () => [],
      updateValues: (next, before) => [
        ...[next.eventId, before.deliveries, next.state, next.note, next.deliveries, next.resolveTime ?? null],
      ],
      toCore: (row) => ({ ...row, resolveTime: row.resolveTime ?? undefined }),
      notFound: (eventId) =>
        new DomainError("DEAD_LETTER_NOT_FOUND", `no dead letter ${eventId}`, { event_id: eventId }),
    },
    "dead_letter",
  );
  const close = <R>(eventId: string, spend: Spend<DeadLetter, R>, change: Partial<DeadLetter>) =>
    letters.change(eventId, spend, (letter) => {
      assertOpen(letter);
      return { next: { ...letter, ...change, resolveTime: now() }, extra: undefined };
    });

  return {
    find: letters.find,
    list: async ({ state, subject }, page) => {
      const after = page.pageToken && Buffer.from(page.pageToken, "base64url").toString();
      const rows = await db.query<DeadLetter>(list, [state, subject, after, (page.pageSize || 50) + 1]);
      return pageOf(rows, page, ({ eventId }) => eventId);
    },
    open: async () => (await db.query<{ n: number }>(count))[0]?.n ?? 0,
    replay: async (eventId, note, spend) => {
      const recalled = await letters.recall(spend);
      if (recalled !== undefined) return recalled;
      const { subject, body, state } = await letters.find(eventId);
      assertOpen({ eventId, state });
      try {
        // Its handler's commit spends the event id: what took effect before changes nothing now.
        await bus.replay({ eventId, subject, body });
      } catch (error) {
        // As the bus says it: a message may quote what people wrote.
        const brief = briefOf(error as Error);
        await db.query(fail, [eventId, brief]);
        const reason = (error as Partial<DomainError>).reason ?? (error as Error).name;
        throw new DomainError("DEAD_LETTER_REFUSED", `it failed again: ${brief}`, { event_id: eventId, reason });
      }
      return close(eventId, spend, { state: "REPLAYED", note });
    },
    discard: (eventId, note, spend) => close(eventId, spend, { state: "DISCARDED", note }),
  };
}

function assertOpen({ eventId, state }: Pick<DeadLetter, "eventId" | "state">): void {
  check(state === "OPEN", "DEAD_LETTER_STATE", `it was ${state.toLowerCase()} before`, { event_id: eventId, state });
}
