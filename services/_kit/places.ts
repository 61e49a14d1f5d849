// Where in a record texts about a person stand, and a walk to them that leaves everything else as it is.

/**
 * Under each property of a record, the names that hold such texts, however deep; "" is the property itself, "*" any name.
 * As data, so that a store says it once for writing and reading.
 */
export type Places = Readonly<Record<string, readonly string[]>>;

/** Does something to a text, told its column and the name it stands under. */
type Change = (text: string, column: string, name: string) => string;

/** The record with each such text changed. What is not on the way to one stays the same object. */
export function mapTexts<T extends object>(record: T, places: Places, change: Change): T {
  let copy: Record<string, unknown> | undefined;
  for (const [column, names] of Object.entries(places)) {
    const value = (record as Record<string, unknown>)[column];
    if (value === undefined || value === null) continue;
    const next =
      typeof value === "string" && names.includes("")
        ? changed(value, column, "", change)
        : walk(value, column, names, change);
    if (next === value) continue;
    copy ??= { ...(record as Record<string, unknown>) };
    copy[column] = next;
  }
  return (copy as T | undefined) ?? record;
}

/** The texts that stand there. */
export function textsIn(record: object, places: Places): string[] {
  const found: string[] = [];
  mapTexts(record, places, (text) => {
    found.push(text);
    return text;
  });
  return found;
}

function walk(value: unknown, column: string, names: readonly string[], change: Change): unknown {
  if (typeof value !== "object" || value === null || !isPlain(value)) return value;
  if (Array.isArray(value)) {
    let copy: unknown[] | undefined;
    for (const [at, part] of value.entries()) {
      const next = walk(part, column, names, change);
      if (next === part) continue;
      copy ??= [...value];
      copy[at] = next;
    }
    return copy ?? value;
  }
  let copy: Record<string, unknown> | undefined;
  for (const [name, part] of Object.entries(value)) {
    const next =
      typeof part === "string"
        ? names.includes(name) || names.includes("*")
          ? changed(part, column, name, change)
          : part
        : walk(part, column, names, change);
    if (next === part) continue;
    copy ??= { ...value };
    copy[name] = next;
  }
  return copy ?? value;
}

/** An empty text tells nothing of anybody. */
function changed(text: string, column: string, name: string, change: Change): string {
  return text === "" ? text : change(text, column, name);
}

/** Dates and bytes hold no texts. */
function isPlain(value: object): boolean {
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
