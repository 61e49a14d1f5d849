// What an invariant is: questions to the live databases and the bus, each of which must find nothing.
import type { BusBook } from "./bus.js";

/** Names of the services' schemas, by service. */
export type Schemas = (service: string) => string;

/** Minor units by market. */
export type Limits = Readonly<Record<string, bigint>>;

/** What the questions are made of. Times are SQL. */
export type Around = {
  readonly of: Schemas;
  /** Business time: the sandbox can move it. */
  readonly now: string;
  /** What is younger than this interval may still be under way. */
  readonly grace: string;
  /** How long a dead letter may wait for a person. */
  readonly patience: string;
  /** How far back audit trails are computed anew. */
  readonly trail: string;
  /** So many of the newest facts are read word by word. */
  readonly newest: number;
  /** Above this it takes two people to refund, by market. */
  readonly limits: Limits;
};

/** What a question that is more than one query is asked with. */
export type Asking = {
  // biome-ignore lint/suspicious/noExplicitAny: a row is shaped by its query
  query<T = any>(sql: string, values?: readonly unknown[]): Promise<T[]>;
  /** There for every question that reads the streams. */
  readonly bus: BusBook | undefined;
  /** What was seen at earlier times. */
  readonly memory: Map<string, number>;
};

/**
 * One question. Each row it finds says in `what` how the invariant is broken, where there is more than one way. `reads` are
 * schemas of services, "streams" and "settings".
 */
export type Question = { readonly reads: readonly string[] } & (
  | { readonly sql: string }
  | { readonly says: readonly string[]; readonly ask: (asking: Asking) => Promise<object[]> }
);

/** The number is that of the list they were agreed in; the name says what holds. */
export type Invariant = {
  readonly number: number;
  readonly name: string;
  /** What to look at when it does not hold. */
  readonly look: string;
  /** Facts and steps on their way may show for a moment: whoever waits for rest asks again. */
  readonly underWay?: true;
  readonly questions: readonly Question[];
};

/** The services that keep the kit's tables and an audit trail. The sandbox does, too, but is outside. */
export const services: readonly string[] = [
  "resolution",
  "eligibility",
  "collection",
  "inspection",
  "refund",
  "reconciler",
  "outreach",
];

/** Words as a list in SQL. */
export function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(", ");
}

/** The same of each, in one query. */
export function ofEach<T>(all: readonly T[], select: (one: T) => string): string {
  return all.map(select).join(" UNION ALL ");
}

/** Whose schemas an invariant reads, and what else, each once. */
export function readsOf({ questions }: Invariant): string[] {
  return [...new Set(questions.flatMap(({ reads }) => reads))];
}
