// How an aggregate changes, always the same way: read it and the token in one statement, decide in pure code, commit in
// one statement. Whoever was slower reads and decides again; a token that was spent before answers from the record. What
// this process wrote last need not be read: the commit's own guards tell whether it still holds.
import { createHash } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { principal } from "#kit/access.js";
import { actOf } from "#kit/audit/act.js";
import type { Call } from "#kit/call.js";
import {
  type CommitStatement,
  commit,
  type Followers,
  type LeasedStep,
  type NewStep,
  type OutgoingFact,
  type Token,
} from "#kit/commit.js";
import type { Places } from "#kit/places.js";
import { type Database, leaseLost, type Statement, violated } from "#kit/postgres.js";
import { DomainError } from "#kit/pure/check.js";
import { openTurns } from "#kit/turns.js";
import type { Owned, Vault } from "#kit/vault.js";
import { openWarm } from "#kit/warm.js";

/** What a pure core decides: the aggregate as it becomes, and what goes along. `extra` is for the store's own writes. */
export type Decided<A, X = undefined> = {
  readonly next: A;
  readonly extra: X;
  readonly facts?: readonly OutgoingFact[];
  readonly steps?: readonly NewStep[];
  readonly dropped?: readonly string[];
};

/** What a change spends. A request also says how its answer is kept and read back. */
export type Spend<A, R> = {
  readonly token: Token;
  readonly answer: (aggregate: A) => R;
  readonly keep: (answer: R) => Uint8Array;
  readonly recall: (kept: Buffer) => R;
};

/**
 * What an aggregate and its commits hold of a person: sealed on the way into the rows, and opened on the way out. The core
 * never sees a seal.
 */
export type Personal<A, X = unknown> = {
  readonly vault: Vault;
  /** Where it is stored: part of each seal, so two mappings of one table name it alike. */
  readonly table: string;
  readonly id: (aggregate: A) => string;
  /** Whose data it is: with their key it can be read, and without it nobody can. */
  readonly subject: (aggregate: A) => string;
  readonly places: Places;
  /** In the store's own writes. */
  readonly beside?: Places;
  /** Rows of other tables among the store's own writes: sealed as those tables' own stores read them. */
  readonly others?: (extra: X) => Promise<X>;
  /** In what steps take along: names, at any depth. */
  readonly steps?: readonly string[];
};

/** How one kind of aggregate is stored. */
export type Mapping<A, X> = {
  /** `SELECT columns FROM table WHERE id = $1`, without its tail; the columns come back in `toCore`. */
  readonly select: string;
  readonly insert: CommitStatement;
  readonly update: CommitStatement;
  /** The values of a new aggregate, as `insert` numbers them. */
  readonly insertValues: (next: A, extra: X) => readonly unknown[];
  /** The values of a changed one, as `update` numbers them; the guard takes the id and version of what was read. */
  readonly updateValues: (next: A, before: A, extra: X) => readonly unknown[];
  // biome-ignore lint/suspicious/noExplicitAny: a row is shaped by the select
  readonly toCore: (row: any) => A;
  readonly notFound: (id: string) => DomainError;
  /**
   * What a broken constraint of the service's own tables means: an error for the caller, or "again" where somebody else
   * was faster and reading again may help. Anything else is our own mistake, and ends as INTERNAL.
   */
  readonly broken?: (constraint: string, next: A) => DomainError | "again" | undefined;
  readonly personal?: Personal<A, X>;
};

/** The changing side of a store. */
export type Aggregates<A, X> = {
  /** @throws the mapping's notFound */
  find(id: string): Promise<A>;
  /**
   * Creates one; the token spent before gives the first answer, and creates nothing. `prepare` reads what the decision
   * needs; it runs again when somebody else was faster.
   */
  create<R, P>(spend: Spend<A, R>, prepare: () => Promise<P>, decide: (prepared: P) => Decided<A, X>): Promise<R>;
  /** Changes one; the token spent before gives the first answer, and changes nothing. */
  change<R>(id: string, spend: Spend<A, R>, decide: (aggregate: A) => Decided<A, X>): Promise<R>;
  /** The answer a request got before, if it was made before: for handlers that must ask others before they decide. */
  recall<R>(spend: Spend<A, R>): Promise<R | undefined>;
  /**
   * Asks others for what a creation needs. Most calls are first calls, so the record is only looked at when that fails:
   * a repeated call gets its first answer even if the others would now refuse.
   */
  orRecall<R, T>(spend: Spend<A, R>, work: () => Promise<T>): Promise<T | { readonly recalled: R }>;
};

type TokenRow = { fingerprint: Buffer | null; response: Buffer | null; consumed: string | null; epoch: number | null };
const attempts = 12;

/** Reads the token next to the row: $2,$3 the request, $4,$5 the fact, $6 the step. */
function withToken(select: string): string {
  return `SELECT q.fingerprint AS token_fingerprint, q.response AS token_response, c.event_id AS token_consumed,
       a.lease_epoch AS token_epoch, row.*
FROM (SELECT) AS one
LEFT JOIN request q ON q.principal = $2::text AND q.request_id = $3::text
LEFT JOIN consumed c ON c.consumer = $4::text AND c.event_id = $5::text
LEFT JOIN agenda a ON a.agenda_id = $6::text
LEFT JOIN (${select}) row ON true`;
}

/** The store of one kind of aggregate. */
export function aggregates<A, X = undefined>(
  db: Database,
  followers: Followers,
  mapping: Mapping<A, X>,
  name: string,
): Aggregates<A, X> {
  const readWithToken: Statement = { name: `${name}.read`, text: withToken(mapping.select) };
  const find: Statement = { name: `${name}.find`, text: mapping.select };
  const warm = openWarm<A>();

  async function read(id: string | null, token: Token) {
    const [row] = await db.query(readWithToken, [id, ...tokenKeys(token)]);
    const { token_fingerprint, token_response, token_consumed, token_epoch, ...columns } = row;
    const spent: TokenRow = {
      fingerprint: token_fingerprint,
      response: token_response,
      consumed: token_consumed,
      epoch: token_epoch,
    };
    return { spent, columns };
  }

  /** One try of a commit. Undefined means: somebody was faster, read again. */
  async function attemptCommit<R>(
    spend: Spend<A, R>,
    decided: Decided<A, X>,
    before: A | undefined,
  ): Promise<{ answer: R } | undefined> {
    const { next, facts = [], dropped = [] } = decided;
    const answer = spend.answer(next);
    const kept = await sealed(spend, decided, spend.keep(answer));
    const [statement, values] = before
      ? ([mapping.update, mapping.updateValues(kept.next, before, kept.extra)] as const)
      : ([mapping.insert, mapping.insertValues(kept.next, kept.extra)] as const);
    const tail = { token: spend.token, response: kept.response, facts, steps: kept.steps, dropped };
    const id = await commit(db, followers, statement, values, tail);
    if (id === undefined) return undefined;
    warm.keep(id, next);
    return { answer };
  }

  /** What is written: texts about a person under seal, and where there are any, the answer as well. */
  async function sealed<R>(spend: Spend<A, R>, { next, extra, steps = [] }: Decided<A, X>, response: Uint8Array) {
    const { personal } = mapping;
    if (!personal) return { next, extra, steps, response };
    const { vault, table, places, beside = {}, steps: names = [] } = personal;
    const [id, subject] = [personal.id(next), personal.subject(next)];
    const row = await vault.seal({ table, id }, subject, next as A & object, places);
    const others = personal.others ? await personal.others(extra) : extra;
    const rows = await vault.seal({ table: besideOf(table), id }, subject, (others ?? {}) as object, beside);
    const toDo = await Promise.all(
      steps.map(async (step) => vault.seal({ table: "agenda", id }, subject, step, { payload: names })),
    );
    const { token } = spend;
    const tells = token.kind === "request" && (row !== next || others !== extra || rows !== (others ?? rows));
    return {
      next: row as A,
      extra: (extra === undefined ? extra : rows) as X,
      steps: toDo,
      response: tells ? await vault.sealBytes(placeOf(token), subject, response) : response,
    };
  }

  /** The first answer, as it was given. */
  async function recalled<R>(spend: Spend<A, R>, { response }: TokenRow): Promise<R> {
    const { token } = spend;
    const kept = response as Buffer;
    return spend.recall(
      mapping.personal && token.kind === "request"
        ? await mapping.personal.vault.openBytes(placeOf(token), kept)
        : kept,
    );
  }

  async function opened(row: unknown): Promise<A> {
    const aggregate = mapping.toCore(row);
    if (!mapping.personal) return aggregate;
    const { vault, table, id, places } = mapping.personal;
    const [open] = await vault.open(table, id as (record: A & object) => string, [aggregate as A & object], places);
    return open as A;
  }

  /** What to tell the caller of a failed commit; undefined if reading again may help. */
  function meaningOf(error: unknown, next: A): unknown {
    const constraint = violated(error);
    if (constraint === undefined) return error;
    if (["request_pkey", "consumed_pkey", "audit_pkey"].includes(constraint)) return undefined;
    const meaning = mapping.broken?.(constraint, next) ?? error;
    return meaning === "again" ? undefined : meaning;
  }

  const inTurn = openTurns();
  const change = <R>(id: string, spend: Spend<A, R>, decide: (before: A) => Decided<A, X>): Promise<R> =>
    inTurn(id, () => changeNow(id, spend, decide));

  /**
   * A try from what was written here last, without reading. Undefined means nothing was changed, for whatever reason:
   * the state was old, the token spent, the move refused. Reading tells which.
   */
  async function changeWarm<R>(
    id: string,
    spend: Spend<A, R>,
    decide: (before: A) => Decided<A, X>,
  ): Promise<{ answer: R } | undefined> {
    const before = warm.take(id);
    if (!before) return undefined;
    let decided: Decided<A, X>;
    try {
      decided = decide(before);
    } catch {
      return undefined;
    }
    try {
      const done = await attemptCommit(spend, decided, before);
      warm.learn(done !== undefined);
      return done;
    } catch (error) {
      if (violated(error) === undefined && !leaseLost(error)) throw error;
      return undefined;
    }
  }

  async function changeNow<R>(id: string, spend: Spend<A, R>, decide: (before: A) => Decided<A, X>): Promise<R> {
    const done = await changeWarm(id, spend, decide);
    if (done) return done.answer;
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const { spent, columns } = await read(id, spend.token);
      const before = Object.values(columns).some((value) => value !== null) ? await opened(columns) : undefined;
      if (isSpent(spend.token, spent)) {
        if (spend.token.kind === "request") return recalled(spend, spent);
        if (before) return spend.answer(before);
      }
      if (!before) throw mapping.notFound(id);
      const decided = decide(before);
      try {
        const done = await attemptCommit(spend, decided, before);
        if (done) return done.answer;
      } catch (error) {
        const meaning = meaningOf(error, decided.next);
        if (meaning) throw meaning;
      }
      if (attempt > 2) await wait(Math.random() * 5 * attempt);
    }
    throw contention();
  }

  /** Commits first: a token that was spent before shows itself by its key. */
  async function create<R, P>(
    spend: Spend<A, R>,
    prepare: () => Promise<P>,
    decide: (prepared: P) => Decided<A, X>,
  ): Promise<R> {
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const decided = await orRecall(spend, async () => decide(await prepare()));
      if ("recalled" in decided) return decided.recalled;
      try {
        const done = await attemptCommit(spend, decided, undefined);
        if (done) return done.answer;
      } catch (error) {
        const meaning = meaningOf(error, decided.next);
        if (meaning === error) throw error;
        // A repeated call may break a cap before it meets its own key.
        const before = await recall(spend);
        if (before !== undefined) return before;
        if (meaning) throw meaning;
      }
      if (attempt > 2) await wait(Math.random() * 5 * attempt);
    }
    throw contention();
  }

  /** Does what leads to a first answer; if that fails, an answer given before stands. */
  async function orRecall<R, T>(spend: Spend<A, R>, work: () => Promise<T>): Promise<T | { readonly recalled: R }> {
    try {
      return await work();
    } catch (error) {
      const recalled = await recall(spend);
      if (recalled === undefined) throw error;
      return { recalled };
    }
  }

  async function recall<R>(spend: Spend<A, R>): Promise<R | undefined> {
    const { spent } = await read(null, spend.token);
    return isSpent(spend.token, spent) ? recalled(spend, spent) : undefined;
  }

  return {
    find: async (id) => {
      const [row] = await db.query(find, [id]);
      if (!row) throw mapping.notFound(id);
      return opened(row);
    },
    create,
    change,
    recall,
    orRecall,
  };
}

/** How seals name what a commit writes beside the row. */
export function besideOf(table: string): string {
  return `${table}+`;
}

/** Where the answer to a request is kept. */
export function placeOf({
  principal: who,
  requestId,
}: {
  readonly principal: string;
  readonly requestId: string;
}): Owned {
  return { table: "request", id: `${who}/${requestId}` };
}

function contention(): DomainError {
  return new DomainError("CONTENTION", "others keep changing this; try again", {});
}

function tokenKeys(token: Token): (string | null)[] {
  if (token.kind === "request") return [token.principal, token.requestId, null, null, null];
  if (token.kind === "fact") return [null, null, token.consumer, token.eventId, null];
  return [null, null, null, null, token.id];
}

/** Whether the token took effect before. A request's id under another body is an error of its caller. */
function isSpent(token: Token, row: TokenRow): boolean {
  if (token.kind === "fact") return row.consumed !== null;
  // A step that is gone was done, or is no longer to be done; a higher epoch means that another worker has it.
  if (token.kind === "step") return row.epoch !== token.epoch;
  if (!row.fingerprint) return false;
  if (row.fingerprint.equals(token.fingerprint)) return true;
  throw new DomainError(
    "REQUEST_ID_REUSED",
    `request_id "${token.requestId}" was first used for another request; choose a new one`,
    { request_id: token.requestId },
  );
}

/** A unary rpc as ts-proto writes it. */
export type UnaryMethod<Q, R> = {
  readonly path: string;
  readonly requestSerialize: (value: Q) => Buffer;
  readonly responseSerialize: (value: R) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => R;
};

/** Spends a caller's request: one per (caller, request_id). The answer is kept as the bytes that were sent. */
export function byRequest<A, Q extends { requestId: string }, R>(
  method: UnaryMethod<Q, R>,
  request: Q,
  call: Call,
  answer: (aggregate: A) => R,
): Spend<A, R> {
  const fingerprint = createHash("sha256").update(method.path).update(method.requestSerialize(request)).digest();
  return {
    token: {
      kind: "request",
      principal: principal(call.caller),
      requestId: request.requestId,
      fingerprint,
      act: actOf(method.path, request, call),
    },
    answer,
    keep: method.responseSerialize,
    recall: recalling(method, call),
  };
}

/** Reads a kept answer back, and says to the call that it is one. */
export function recalling<R>(
  { responseDeserialize }: Pick<UnaryMethod<never, R>, "responseDeserialize">,
  { recalled }: Call,
): (kept: Buffer) => R {
  return (kept) => {
    recalled?.();
    return responseDeserialize(kept);
  };
}

/** Spends a fact from the bus. */
export function byFact<A>(consumer: string, eventId: string): Spend<A, A> {
  return silently({ kind: "fact", consumer, eventId });
}

/** Spends a step of the agenda: the row goes with the change. */
export function byStep<A>(step: LeasedStep): Spend<A, A> {
  return silently({ kind: "step", id: step.id, epoch: step.epoch });
}

function silently<A>(token: Token): Spend<A, A> {
  return {
    token,
    answer: (aggregate) => aggregate,
    keep: () => Buffer.alloc(0),
    recall: () => {
      throw new RangeError("only a request keeps an answer");
    },
  };
}
