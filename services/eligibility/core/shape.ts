// Reads untrusted JSON into typed values and says exactly where it is wrong. Only for policy documents; requests have the
// contract's own rules. Each reader also carries what it reads as JSON Schema, so that the published schema (schema.ts)
// cannot say anything else.
import { DomainError } from "#kit/pure/check.js";

/** A piece of JSON Schema 2020-12. What has a title is said once, among the definitions. */
export type Schema = Readonly<Record<string, unknown>>;

/** Gives the value as T. @throws DomainError POLICY_BROKEN with the path */
export type Reader<T> = {
  (value: unknown, path: string): T;
  readonly schema: Schema;
  /** A field that may be left out. */
  readonly optional?: true;
};

/** What a reader reads. */
export type Shape<R> = R extends Reader<infer T> ? T : never;

/** POLICY_BROKEN at a path such as "tables.window.nodes[1].content.rules[0].days". */
export function broken(path: string, problem: string): DomainError {
  return new DomainError("POLICY_BROKEN", `the document is broken at ${path}: ${problem}`, { path, problem });
}

/** A document nests 8 deep; an editor may keep a little more beside it. */
const deepest = 32;

/**
 * Reads JSON text that nests so little that everything here may go through it by recursion.
 * @throws DomainError POLICY_BROKEN
 */
export function parseJson(json: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw broken("document", `not JSON: ${error instanceof Error ? error.message : error}`);
  }
  if (isDeeper(value, deepest)) throw broken("document", `nests more than ${deepest} deep: write it flatter`);
  return value;
}

function isDeeper(value: unknown, most: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return most === 0 || Object.values(value).some((item) => isDeeper(item, most - 1));
}

function named(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

export function reader<T>(schema: Schema, read: (value: unknown, path: string) => T): Reader<T> {
  return Object.assign((value: unknown, path: string) => read(value, path), { schema });
}

/** Looks closer at what another reader has read; for the schema it is the same. */
export function refine<T, U>(base: Reader<T>, read: (value: T, path: string) => U): Reader<U> {
  return reader(base.schema, (value, path) => read(base(value, path), path));
}

/** The same under a name that the schema refers to. */
export function titled<T>(title: string, base: Reader<T>): Reader<T> {
  return reader({ title, ...base.schema }, base);
}

/** Text that is not empty, and fits the pattern if there is one. `what` names it in the message. */
export function text(what?: string, pattern = /./): Reader<string> {
  const schema = { type: "string", pattern: pattern.source };
  return reader(what ? { ...schema, description: what } : schema, (value, path) => {
    if (typeof value === "string" && pattern.test(value)) return value;
    throw broken(path, `must be ${what ?? "a text"}, not ${named(value)}`);
  });
}

/** Any text, the empty one included. */
export const anyText = reader({ type: "string" }, (value, path) => {
  if (typeof value === "string") return value;
  throw broken(path, `must be a text, not ${named(value)}`);
});

export const flag = reader({ type: "boolean" }, (value, path) => {
  if (typeof value === "boolean") return value;
  throw broken(path, `must be true or false, not ${named(value)}`);
});

/** A whole number within bounds. */
export function whole(min: number, max: number): Reader<number> {
  return reader({ type: "integer", minimum: min, maximum: max }, (value, path) => {
    if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
    throw broken(path, `must be a whole number from ${min} to ${max}, not ${named(value)}`);
  });
}

/** One of the given words. */
export function word<const W extends string>(words: readonly W[]): Reader<W> {
  return reader({ enum: words }, (value, path) => {
    const found = words.find((w) => w === value);
    if (found !== undefined) return found;
    throw broken(path, `must be one of ${words.join(", ")}, not ${named(value)}`);
  });
}

export function nullable<T>(read: Reader<T>): Reader<T | null> {
  return reader({ anyOf: [read.schema, { type: "null" }] }, (value, path) =>
    value === null ? null : read(value, path),
  );
}

export function optional<T>(read: Reader<T>): Reader<T | undefined> {
  const given = reader(read.schema, (value, path) => (value === undefined ? undefined : read(value, path)));
  return Object.assign(given, { optional: true } as const);
}

export function list<T>(read: Reader<T>, least = 0): Reader<readonly T[]> {
  const schema = { type: "array", items: read.schema };
  return reader(least > 0 ? { ...schema, minItems: least } : schema, (value, path) => {
    if (!Array.isArray(value)) throw broken(path, `must be a list, not ${named(value)}`);
    if (value.length < least) throw broken(path, `must hold ${least} or more`);
    return value.map((item, at) => read(item, `${path}[${at}]`));
  });
}

function entriesOf(value: unknown, path: string): [string, unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw broken(path, `must be an object, not ${named(value)}`);
  }
  return Object.entries(value);
}

const join = (path: string, key: string) => (path === "" ? key : `${path}.${key}`);

/** An object of any keys. */
export function record<T>(read: Reader<T>): Reader<Readonly<Record<string, T>>> {
  return reader({ type: "object", additionalProperties: read.schema }, (value, path) =>
    Object.fromEntries(entriesOf(value, path).map(([key, item]) => [key, read(item, join(path, key))])),
  );
}

type Fields = Record<string, Reader<unknown>>;
type Given<F extends Fields> = { readonly [K in keyof F]: Shape<F[K]> };

/** An object with exactly these fields. One that is not known is refused: a misspelt field would have no effect. */
export function shape<F extends Fields>(fields: F): Reader<Given<F>> {
  const open = openShape(fields);
  return reader({ ...open.schema, additionalProperties: false }, (value, path) => {
    for (const [key] of entriesOf(value, path)) {
      if (!Object.hasOwn(fields, key))
        throw broken(join(path, key), `no such field; known: ${Object.keys(fields).join(", ")}`);
    }
    return open(value, path);
  });
}

/** As shape, but other fields are let through unread: an editor of tables keeps its own beside ours. */
export function openShape<F extends Fields>(fields: F): Reader<Given<F>> {
  const each = Object.entries(fields);
  const properties = Object.fromEntries(each.map(([key, { schema }]) => [key, schema]));
  const required = each.flatMap(([key, field]) => (field.optional ? [] : [key]));
  return reader({ type: "object", properties, required }, (value, path) => {
    const given = new Map(entriesOf(value, path));
    const read = each.map(([key, field]) => [key, field(given.get(key), join(path, key))]);
    return Object.fromEntries(read) as Given<F>;
  });
}
