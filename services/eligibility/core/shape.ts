// Reads untrusted JSON into typed values and says exactly where it is wrong. Only for policy documents; requests have the
// contract's own rules.
import { DomainError } from "#kit/pure/check.js";

/** Gives the value as T. @throws DomainError POLICY_BROKEN with the path */
export type Reader<T> = (value: unknown, path: string) => T;

/** What a reader reads. */
export type Shape<R> = R extends Reader<infer T> ? T : never;

/** POLICY_BROKEN at a path such as "tables.window.nodes[1].content.rules[0].days". */
export function broken(path: string, problem: string): DomainError {
  return new DomainError("POLICY_BROKEN", `the document is broken at ${path}: ${problem}`, { path, problem });
}

function named(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** Text that is not empty, and fits the pattern if there is one. `what` names it in the message. */
export function text(what = "a text", pattern = /./): Reader<string> {
  return (value, path) => {
    if (typeof value === "string" && pattern.test(value)) return value;
    throw broken(path, `must be ${what}, not ${named(value)}`);
  };
}

/** Any text, the empty one included. */
export const anyText: Reader<string> = (value, path) => {
  if (typeof value === "string") return value;
  throw broken(path, `must be a text, not ${named(value)}`);
};

export const flag: Reader<boolean> = (value, path) => {
  if (typeof value === "boolean") return value;
  throw broken(path, `must be true or false, not ${named(value)}`);
};

/** A whole number within bounds. */
export function whole(min: number, max: number): Reader<number> {
  return (value, path) => {
    if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return value as number;
    throw broken(path, `must be a whole number from ${min} to ${max}, not ${named(value)}`);
  };
}

/** One of the given words. */
export function word<const W extends string>(words: readonly W[]): Reader<W> {
  return (value, path) => {
    const found = words.find((w) => w === value);
    if (found !== undefined) return found;
    throw broken(path, `must be one of ${words.join(", ")}, not ${named(value)}`);
  };
}

export function nullable<T>(read: Reader<T>): Reader<T | null> {
  return (value, path) => (value === null ? null : read(value, path));
}

export function optional<T>(read: Reader<T>): Reader<T | undefined> {
  return (value, path) => (value === undefined ? undefined : read(value, path));
}

export function list<T>(read: Reader<T>, least = 0): Reader<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw broken(path, `must be a list, not ${named(value)}`);
    if (value.length < least) throw broken(path, `must hold ${least} or more`);
    return value.map((item, at) => read(item, `${path}[${at}]`));
  };
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
  return (value, path) =>
    Object.fromEntries(entriesOf(value, path).map(([key, item]) => [key, read(item, join(path, key))]));
}

/** An object with exactly these fields. One that is not known is refused: a misspelt field would have no effect. */
export function shape<F extends Record<string, Reader<unknown>>>(fields: F) {
  return (value: unknown, path: string): { readonly [K in keyof F]: Shape<F[K]> } => {
    const given = new Map(entriesOf(value, path));
    for (const key of given.keys()) {
      if (!Object.hasOwn(fields, key))
        throw broken(join(path, key), `no such field; known: ${Object.keys(fields).join(", ")}`);
    }
    const read = Object.entries(fields).map(([key, reader]) => [key, reader(given.get(key), join(path, key))]);
    return Object.fromEntries(read);
  };
}

/** As shape, but other fields are let through unread: an editor of tables keeps its own beside ours. */
export function openShape<F extends Record<string, Reader<unknown>>>(fields: F) {
  return (value: unknown, path: string): { readonly [K in keyof F]: Shape<F[K]> } => {
    const given = new Map(entriesOf(value, path));
    const read = Object.entries(fields).map(([key, reader]) => [key, reader(given.get(key), join(path, key))]);
    return Object.fromEntries(read);
  };
}
