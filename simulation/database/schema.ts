// One service's schema in memory: what its named statements do, without Postgres. A statement happens whole or not at all,
// at one moment; guards, keys and checks refuse as there. What a commit writes for the kit is the same for every service,
// and stands here; a service's own tables stand in the file of its name.
import type { CommitStatement } from "#kit/commit.js";
import type { Statement } from "#kit/postgres.js";
import { rowOf, rowsIn, writtenBy } from "./columns.js";
import { keyOf, leaseLost, type Row, Table, type Undo, violation } from "./table.js";

/** A commit of a service: whose row it writes, and what else goes along. */
export type CommitTwin = {
  readonly key: string;
  /** Writes the service's further tables. @throws violation */
  readonly also?: (schema: Schema, row: Row, values: readonly unknown[], before: Row | undefined) => void;
};

// biome-ignore lint/suspicious/noExplicitAny: the values of a statement are what its store gives it
export type Values = readonly any[];

/** What a service's statements do. */
export type Twin = {
  /** Aggregates as their stores name them: in which table they are. */
  readonly aggregates: Readonly<Record<string, string>>;
  readonly commits: Readonly<Record<string, CommitTwin>>;
  readonly statements: Readonly<Record<string, (schema: Schema, values: Values) => Row[]>>;
  /** A row with what a select adds to its columns. */
  readonly selected?: (schema: Schema, table: string, row: Row) => Row;
};

/** Who learns of what was committed. */
export type Watch = {
  readonly step: (row: Row) => void;
  readonly facts: (rows: readonly Row[]) => void;
  readonly change: (table: string, row: Row, before: Row | undefined) => void;
};

/** Guarantees that a schema can be made to forget, to see that a story would miss them. */
export type Guarantee = "version guard" | "request spent" | "fact spent" | "step fenced" | "payment cap" | "units held";

/** How many values a commit takes after its own. */
const tailValues = 20;

export class Schema {
  private readonly undo: Undo = [];
  private readonly tables = new Map<string, Table>();
  readonly agenda = this.table("agenda");
  readonly requests = this.table("request");
  readonly consumed = this.table("consumed");

  constructor(
    readonly service: string,
    private readonly twin: Twin,
    private readonly now: () => number,
    private readonly watch: Watch,
    private readonly forgotten: readonly Guarantee[] = [],
  ) {}

  keeps(guarantee: Guarantee): boolean {
    return !this.forgotten.includes(guarantee);
  }

  table(name: string): Table {
    const table = this.tables.get(name) ?? new Table(this.undo);
    this.tables.set(name, table);
    return table;
  }

  /** Does what a statement would. @throws as Postgres does, with nothing changed */
  run(statement: Statement, values: readonly unknown[]): Row[] {
    this.undo.length = 0;
    try {
      return "parameters" in statement
        ? this.commit(statement as CommitStatement, values)
        : this.plain(statement.name, values);
    } catch (error) {
      for (const back of this.undo.reverse()) back();
      throw error;
    }
  }

  private plain(name: string, values: readonly unknown[]): Row[] {
    const own = this.twin.statements[name];
    if (own) return own(this, values);
    if (name === "fact.passOver") return this.passOver(values);
    const [aggregate = "", verb] = name.split(".");
    const table = this.twin.aggregates[aggregate];
    if (table && verb === "find") return this.found(table, String(values[0]));
    if (table && verb === "read") return [this.read(table, values)];
    throw new Error(`the simulation does not know what ${name} does`);
  }

  private passOver([consumer, eventId]: Values): Row[] {
    this.consumed.put(keyOf(consumer, eventId), { consumer, eventId });
    return [];
  }

  private found(table: string, id: string): Row[] {
    const row = this.table(table).get(id);
    if (!row) return [];
    return [this.twin.selected ? this.twin.selected(this, table, row) : { ...row }];
  }

  /** The row beside its token, as aggregates read them. */
  private read(table: string, [id, principal, requestId, consumer, eventId, stepId]: readonly unknown[]): Row {
    const request = this.requests.get(keyOf(principal, requestId));
    return {
      token_fingerprint: request?.fingerprint ?? null,
      token_response: request?.response ?? null,
      token_consumed: this.consumed.get(keyOf(consumer, eventId)) ? eventId : null,
      token_epoch: this.agenda.get(String(stepId))?.epoch ?? null,
      ...this.found(table, String(id))[0],
    };
  }

  private commit(statement: CommitStatement, values: readonly unknown[]): Row[] {
    const { name, text, parameters } = statement;
    const twin = this.twin.commits[name];
    if (!twin) throw new Error(`the simulation does not know what ${name} does`);
    if (values.length !== parameters + tailValues) throw new Error(`a commit takes ${tailValues} values after its own`);
    const written = writtenBy(name, changeOf(text));
    const table = this.table(written.table);
    const own = values.slice(0, parameters);
    const insert = name.endsWith(".insert");
    const before = insert ? undefined : table.get(String(own[0]));
    if (!insert && (!before || (before.version !== own[1] && this.keeps("version guard")))) return [];
    const row = rowOf(written, own, before);
    const id = String(row[twin.key]);
    if (insert && table.get(id)) throw violation(`${written.table}_pkey`);
    table.put(id, row);
    twin.also?.(this, row, own, before);
    const [steps, facts] = this.tail(id, values.slice(parameters));
    for (const step of steps) this.watch.step(step);
    if (facts.length > 0) this.watch.facts(facts);
    this.watch.change(written.table, row, before);
    return [{ id }];
  }

  private tail(aggregateId: string, tail: Values): [Row[], Row[]] {
    const [principal, requestId, fingerprint, response, consumer, eventId, stepId, epoch, dropped] = tail;
    const [leaseMs, steps, , eventIds, subjects, bodies] = tail.slice(10);
    if (requestId !== null && this.keeps("request spent")) {
      const key = keyOf(principal, requestId);
      if (this.requests.get(key)) throw violation("request_pkey");
      this.requests.put(key, { principal, requestId, fingerprint, response: Buffer.from(response), aggregateId });
    }
    if (eventId !== null && this.keeps("fact spent")) this.spendFact(consumer, eventId);
    if (stepId !== null) {
      if (this.agenda.get(stepId)?.epoch !== epoch && this.keeps("step fenced")) throw leaseLost();
      this.agenda.remove(stepId);
    }
    if (dropped.length > 0) this.drop(aggregateId, dropped);
    const added = rowsIn(steps).map(({ agendaId, step, dueTime, payload, taken }) =>
      this.addStep({ agendaId, aggregateId, step, payload, dueMs: Date.parse(dueTime), taken, leaseMs }),
    );
    const facts = (eventIds as string[]).map((id, i) => {
      const fact = { eventId: id, aggregateId, subject: subjects[i], body: bodies[i] };
      this.table("outbox").put(id, fact);
      return fact;
    });
    return [added, facts];
  }

  private drop(aggregateId: string, steps: readonly string[]): void {
    const dropped = this.agenda.where((row) => row.aggregateId === aggregateId && steps.includes(row.step));
    for (const { agendaId } of dropped) this.agenda.remove(agendaId);
  }

  spendFact(consumer: string, eventId: string): void {
    const key = keyOf(consumer, eventId);
    if (this.consumed.get(key)) throw violation("consumed_pkey");
    this.consumed.put(key, { consumer, eventId });
  }

  /** A step to do; `taken` 1: its commit has already leased it. */
  addStep({ taken = 0, leaseMs = 0, ...step }: Row): Row {
    const leaseUntilMs = taken ? this.now() + leaseMs : 0;
    const row: Row = { ...step, attempt: taken, epoch: taken, leaseUntilMs, notBeforeMs: 0 };
    this.agenda.put(row.agendaId, row);
    return row;
  }

  /** A step of the service's own making, outside of a commit. */
  announceStep(row: Row): void {
    this.watch.step(row);
  }
}

/** The guarded write in a commit's text. */
function changeOf(text: string): string {
  const from = text.indexOf("(") + 1;
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === "(") depth++;
    if (text[at] === ")" && --depth === 0) return text.slice(from, at);
  }
  return text;
}
