// What differs between two values of a document, place by place, where no better words are known.

/** One difference; the contract's PolicyChange. */
export type Change = {
  /** In the newer document if it is there, else in the older. */
  readonly path: string;
  /** The rule it is about; empty if none. */
  readonly ruleId: string;
  readonly text: string;
};

export const changeAt = (path: string, text: string, ruleId = ""): Change => ({ path, ruleId, text });

/** Whether two values of documents say the same: lists in order, objects in any. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, at) => same(item, b[at]));
  if (!isObject(a) || !isObject(b)) return false;
  return (
    Object.keys(a).every((key) => same(a[key], b[key])) &&
    Object.keys(b).every((key) => key in a || b[key] === undefined)
  );
}

/** A value in a sentence. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.length > 0 ? value.map(shown).join(", ") : "none";
  if (!isObject(value)) return String(value);
  const parts = Object.entries(value).flatMap(([key, part]) => (part === undefined ? [] : [`${key} ${shown(part)}`]));
  return `(${parts.join(", ")})`;
}

/** "what: before → after"; nothing where both say the same. */
export function* replaced(path: string, what: string, older: unknown, newer: unknown, ruleId = ""): Generator<Change> {
  if (same(older, newer)) return;
  const [before, after] = [shown(older), shown(newer)];
  // Some differ and read alike, such as none and a word "none".
  const text = before === after ? `${JSON.stringify(older)} → ${JSON.stringify(newer)}` : `${before} → ${after}`;
  yield changeAt(path, `${what}: ${text}`, ruleId);
}

/** Goes down into objects and lists of things with an id, and names each place that differs. */
export function* leaves(path: string, what: string, older: unknown, newer: unknown): Generator<Change> {
  if (isObject(older) && isObject(newer)) {
    for (const key of keysOf(older, newer)) {
      yield* leaves(join(path, key), `${what} ${spoken(key)}`, older[key], newer[key]);
    }
    return;
  }
  if (!isNamed(older) || !isNamed(newer)) return yield* replaced(path, what, older, newer);
  for (const { key, before, after, at } of paired(older, newer, ({ id }) => id)) {
    const where = `${path}[${at}]`;
    if (before && after) yield* leaves(where, `${what} ${key}`, before, after);
    else if (after) yield changeAt(where, `${what}: ${key} is new, ${shown(after)}`);
    else yield changeAt(where, `${what}: ${key} is gone, it was ${shown(before)}`);
  }
  yield* reordered(path, what, older, newer, ({ id }) => id);
}

/** Texts by language, "text of kr-too-late in en-GB changed from “…” to “…”"; `what` ends before the language. */
export function* texts(
  path: string,
  what: string,
  older: Readonly<Record<string, string>>,
  newer: Readonly<Record<string, string>>,
  ruleId = "",
): Generator<Change> {
  for (const key of keysOf(older, newer)) {
    const [before, after] = [older[key], newer[key]];
    if (before === after) continue;
    const where = join(path, key);
    if (before === undefined) yield changeAt(where, `${what} ${key} is new: “${after}”`, ruleId);
    else if (after === undefined) yield changeAt(where, `${what} ${key} is gone; it was “${before}”`, ruleId);
    else yield changeAt(where, `${what} ${key} changed from “${before}” to “${after}”`, ruleId);
  }
}

/** An item of two lists: in the newer one at its place there, one that is gone at its old place. */
export type Pair<T> = {
  readonly key: string;
  readonly before: T | undefined;
  readonly after: T | undefined;
  readonly at: number;
};

/** Two lists by what their items are called, in the order of the newer one; those that are gone come last. */
export function paired<T>(older: readonly T[], newer: readonly T[], keyOf: (item: T) => string): Pair<T>[] {
  const [before, after] = [keyed(older, keyOf), keyed(newer, keyOf)];
  const kept = [...after].map(([name, { key, item, at }]) => ({
    key,
    before: before.get(name)?.item,
    after: item,
    at,
  }));
  const gone = [...before].filter(([name]) => !after.has(name));
  return [...kept, ...gone.map(([, { key, item, at }]) => ({ key, before: item, after: undefined, at }))];
}

/** That what both lists hold stands in another order. */
export function* reordered<T>(
  path: string,
  what: string,
  older: readonly T[],
  newer: readonly T[],
  keyOf: (item: T) => string,
): Generator<Change> {
  const [before, after] = [keyed(older, keyOf), keyed(newer, keyOf)];
  const were = [...before].filter(([name]) => after.has(name)).map(([, { key }]) => key);
  const are = [...after].filter(([name]) => before.has(name)).map(([, { key }]) => key);
  if (!same(were, are)) yield changeAt(path, `${what} in another order: ${shown(were)} → ${shown(are)}`);
}

export const join = (path: string, key: string) => (path === "" ? key : `${path}.${key}`);

/** A field's name as it is spoken: "line_minor" → "line minor". */
export const spoken = (field: string) => field.replaceAll("_", " ");

export function keysOf(older: object, newer: object): string[] {
  return [...new Set([...Object.keys(newer), ...Object.keys(older)])];
}

/** By key, the second of one name apart from the first: a document may repeat one, which only the linter refuses. */
export function keyed<T>(items: readonly T[], keyOf: (item: T) => string) {
  const found = new Map<string, { readonly key: string; readonly item: T; readonly at: number }>();
  for (const [at, item] of items.entries()) {
    const key = keyOf(item);
    let nth = 1;
    while (found.has(`${key} ${nth}`)) nth++;
    found.set(`${key} ${nth}`, { key, item, at });
  }
  return found;
}

type Named = { readonly id: string };

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function isNamed(value: unknown): value is readonly Named[] {
  return Array.isArray(value) && value.every((item) => isObject(item) && typeof item.id === "string");
}
