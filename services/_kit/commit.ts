// The one statement that changes an aggregate: the guarded write, and with it everything that must happen exactly when it
// does: the spent token, the facts to announce, the steps to do, the entry in the audit trail. One statement is one transaction and one round trip, so
// nothing can sit inside it. Only the guard may find nothing; everything else raises and aborts the whole.
import type { Act } from "#kit/audit/act.js";
import { contentHash, hashInSql, noHash, type Said } from "#kit/audit/entry.js";
import { newId } from "#kit/ids.js";
import type { Database, Statement } from "#kit/postgres.js";
import { traceparent } from "#kit/telemetry.js";

/** What a change spends, so that it happens once: a caller's request, a fact from the bus, or a step of the agenda. */
export type Token =
  | {
      readonly kind: "request";
      readonly principal: string;
      readonly requestId: string;
      readonly fingerprint: Buffer;
      /** What the audit trail says of it; none where nobody asked, and a service made the request up. */
      readonly act?: Act;
    }
  | { readonly kind: "fact"; readonly consumer: string; readonly eventId: string }
  | { readonly kind: "step"; readonly id: string; readonly epoch: number };

/** A fact to announce; its subject is the message's full name. */
export type OutgoingFact = { readonly subject: string; readonly body: Uint8Array };

/** A step to do at a business time. */
export type NewStep = { readonly step: string; readonly due: Date; readonly payload?: object };

/** What goes along with a change. */
export type Tail = {
  readonly token: Token;
  /** The answer to keep, if the token is a request. */
  readonly response?: Uint8Array;
  readonly facts: readonly OutgoingFact[];
  readonly steps: readonly NewStep[];
  /** Steps of this aggregate that are no longer to be done, by name. */
  readonly dropped: readonly string[];
};

/** A fact as it stands in the outbox, on its way to the relay. */
export type OutboxRow = OutgoingFact & {
  readonly eventId: string;
  readonly aggregateId: string;
  readonly traceparent: string;
  readonly eventTime: Date;
};

/** A step under lease, ready to be done. */
export type LeasedStep = {
  readonly id: string;
  readonly aggregateId: string;
  readonly step: string;
  readonly due: Date;
  readonly attempt: number;
  readonly epoch: number;
  // biome-ignore lint/suspicious/noExplicitAny: written and read by the same service
  readonly payload: any;
  readonly traceparent: string;
};

/** Who takes over what a commit made due at once, without reading it back. */
export type Followers = {
  readonly now: () => Date;
  announce(rows: OutboxRow[]): void;
  /** Whether there is room to take them over; if not, they wait for the poll. */
  hasRoom(of: "steps" | "facts"): boolean;
  take(steps: LeasedStep[]): void;
};

/** A commit statement, prepared under its name. */
export type CommitStatement = Statement & { readonly parameters: number };

/** How long what is handed over in memory stays ours; after a crash others take it up then. */
export const handOverLeaseMs = 15_000;

/** The service's own part of a commit, and how the kit's parameters are named that come after its own. */
export function ownPart(change: string, also: Readonly<Record<string, string>>) {
  const parts = Object.entries({ change, ...also });
  const own = parts.map(([cte, sql]) => `${cte} AS (${sql}),\n`).join("");
  const parameters = Math.max(0, ...[...own.matchAll(/\$(\d+)/g)].map((match) => Number(match[1])));
  return { parameters, $: (n: number) => `$${parameters + n}`, own: `WITH ${own}` };
}

/**
 * Builds a commit. `change` is the guarded write of the aggregate's row; it must return the aggregate's id as `id`.
 * `also` are further writes of the service, each a CTE that selects from `change`.
 */
export function commitStatement(
  name: string,
  change: string,
  also: Readonly<Record<string, string>> = {},
): CommitStatement {
  const { parameters, $, own } = ownPart(change, also);
  const text = `${own}spent_request AS (
  INSERT INTO request (principal, request_id, fingerprint, response, aggregate_id)
  SELECT ${$(1)}::text, ${$(2)}::text, ${$(3)}::bytea, ${$(4)}::bytea, id FROM change WHERE ${$(2)}::text IS NOT NULL),
spent_fact AS (
  INSERT INTO consumed (consumer, event_id)
  SELECT ${$(5)}::text, ${$(6)}::text FROM change WHERE ${$(6)}::text IS NOT NULL),
spent_step AS (
  DELETE FROM agenda USING change
  WHERE agenda_id = ${$(7)}::text AND lease_epoch = ${$(8)}::int RETURNING agenda_id),
dropped AS (
  DELETE FROM agenda USING change
  WHERE aggregate_id = change.id AND step = ANY(${$(9)}::text[]) AND agenda_id IS DISTINCT FROM ${$(7)}::text),
added AS (
  INSERT INTO agenda (agenda_id, aggregate_id, step, due_time, payload, traceparent, attempt, lease_epoch, lease_until)
  SELECT s.agenda_id, change.id, s.step, s.due_time, s.payload, ${$(10)}::text, s.taken, s.taken,
         CASE s.taken WHEN 1 THEN now() + ${$(11)}::int * interval '1 millisecond' END
  FROM change, jsonb_to_recordset(${$(12)}::jsonb)
    AS s(agenda_id text, step text, due_time timestamptz, payload jsonb, taken int)),
announced AS (
  INSERT INTO outbox (event_id, subject, aggregate_id, body, traceparent, event_time, lease_until)
  SELECT f.event_id, f.subject, change.id, f.body, ${$(10)}::text, ${$(13)}::timestamptz,
         now() + ${$(20)}::int * interval '1 millisecond'
  FROM change, unnest(${$(14)}::text[], ${$(15)}::text[], ${$(16)}::bytea[]) AS f(event_id, subject, body)),
audited AS (
  INSERT INTO audit (resource_id, sequence, rpc, principal, via, on_behalf_of, reason, outcome, request_digest,
    business_time, real_time, trace_id, previous_hash, hash)
  SELECT next.id, next.sequence, act[1], ${$(1)}::text, act[2], act[3], act[4], 'DONE', ${$(3)}::bytea,
    ${$(13)}::timestamptz, ${$(18)}::timestamptz, act[5], next.previous,
    ${hashInSql("next.previous", "next.id", "next.sequence", `${$(19)}::bytea`)}
  FROM (SELECT ${$(17)}::text[] AS act) AS said, LATERAL (
    SELECT change.id::text AS id, coalesce(last.sequence, 0) + 1 AS sequence,
      coalesce(last.hash, '\\x${noHash.toString("hex")}'::bytea) AS previous
    FROM change LEFT JOIN LATERAL (
      SELECT sequence, hash FROM audit WHERE resource_id = change.id::text ORDER BY sequence DESC LIMIT 1) last ON true
  ) AS next
  WHERE act IS NOT NULL)
SELECT id, CASE WHEN ${$(7)}::text IS NOT NULL AND NOT EXISTS (SELECT FROM spent_step) THEN lease_lost() END AS fence
FROM change`;
  return { name, text, parameters, commits: true };
}

/**
 * Runs a commit; resolves with the aggregate's id. Undefined: the guard found nothing, somebody was faster, read again.
 * @throws the database's error if a token was spent before, a lease was lost or a cap would be broken
 */
export async function commit(
  db: Database,
  followers: Followers,
  statement: CommitStatement,
  values: readonly unknown[],
  tail: Tail,
): Promise<string | undefined> {
  if (values.length !== statement.parameters) {
    throw new RangeError(`${statement.name} takes ${statement.parameters} values, got ${values.length}`);
  }
  const now = followers.now();
  const trace = traceparent();
  const { token } = tail;
  const said = saidBy(token, now);
  const facts = tail.facts.map((fact) => ({ ...fact, eventId: newId("evt") }));
  const room = followers.hasRoom("steps");
  const heard = followers.hasRoom("facts");
  const steps = tail.steps.map((step) => ({ ...step, id: newId("stp"), taken: room && step.due <= now ? 1 : 0 }));
  const [row] = await db.query<{ id: string }>(statement, [
    ...values,
    ...(token.kind === "request"
      ? [token.principal, token.requestId, token.fingerprint, tail.response ?? Buffer.alloc(0)]
      : [null, null, null, null]),
    ...(token.kind === "fact" ? [token.consumer, token.eventId] : [null, null]),
    ...(token.kind === "step" ? [token.id, token.epoch] : [null, null]),
    tail.dropped,
    trace,
    handOverLeaseMs,
    JSON.stringify(
      steps.map((s) => ({ agenda_id: s.id, step: s.step, due_time: s.due, payload: s.payload ?? {}, taken: s.taken })),
    ),
    now,
    facts.map((fact) => fact.eventId),
    facts.map((fact) => fact.subject),
    facts.map((fact) => fact.body),
    said ? [said.rpc, said.via, said.onBehalfOf, said.reason, said.traceId] : null,
    said?.realTime ?? null,
    said ? contentHash(said) : null,
    heard ? handOverLeaseMs : null,
  ]);
  if (!row) return undefined;
  const aggregateId = row.id;
  if (heard && facts.length > 0) {
    followers.announce(facts.map((fact) => ({ ...fact, aggregateId, traceparent: trace, eventTime: now })));
  }
  const taken = steps.filter((step) => step.taken === 1);
  if (taken.length > 0) {
    followers.take(
      taken.map(({ id, step, due, payload }) => ({
        id,
        aggregateId,
        step,
        due,
        attempt: 1,
        epoch: 1,
        payload: payload ?? {},
        traceparent: trace,
      })),
    );
  }
  return aggregateId;
}

function saidBy(token: Token, businessTime: Date): Said | undefined {
  if (token.kind !== "request" || !token.act) return undefined;
  const { act, principal, fingerprint: requestDigest } = token;
  return { ...act, principal, requestDigest, businessTime, realTime: new Date(), outcome: "DONE" };
}
