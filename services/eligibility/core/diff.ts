// What a policy document changes against another one, in words that a policy owner reads. Documents that say the same
// differ in nothing; whatever else one says has a line for it, which a test sees to leaf by leaf.
import { type Change, changeAt, join, keysOf, leaves, replaced, same, shown, spoken, texts } from "./diff/change.js";
import { diffReasons } from "./diff/reasons.js";
import { diffTable } from "./diff/tables.js";
import type { Clock, PolicyDocument } from "./document.js";
import { tableNames } from "./facts.js";

export type { Change } from "./diff/change.js";

type Part = keyof PolicyDocument;
type Diff = (older: PolicyDocument, newer: PolicyDocument) => Generator<Change>;

/** The parts that are better told in words of their own; any other is told place by place. */
const worded: { readonly [P in Part]?: Diff } = {
  notices: (older, newer) => texts("notices", "notice for", older.notices, newer.notices),
  reasons: diffReasons,
  clocks: diffClocks,
  phrases: diffPhrases,
  tables: diffTables,
  rules: diffRules,
};

/** The differences in the order of the newer document; none if both say the same. */
export function diff(older: PolicyDocument, newer: PolicyDocument): Change[] {
  return (keysOf(older, newer) as Part[]).flatMap((part) => {
    if (same(older[part], newer[part])) return [];
    const told = worded[part]?.(older, newer) ?? leaves(part, spoken(part), older[part], newer[part]);
    return [...told];
  });
}

const clockText = (clock: Clock | null | undefined) =>
  clock && `${clock.days}${clock.business_days ? " business" : ""} days (${clock.article})`;

function* diffClocks({ clocks: older }: PolicyDocument, { clocks: newer }: PolicyDocument): Generator<Change> {
  for (const name of keysOf(older, newer) as (keyof typeof newer)[]) {
    yield* replaced(`clocks.${name}`, `time for the ${name}`, clockText(older[name]), clockText(newer[name]));
  }
}

function* diffPhrases({ phrases: older }: PolicyDocument, { phrases: newer }: PolicyDocument): Generator<Change> {
  for (const name of keysOf(older, newer) as (keyof typeof newer)[]) {
    yield* texts(`phrases.${name}`, `phrase "${spoken(name)}" in`, older[name], newer[name]);
  }
}

function* diffTables(older: PolicyDocument, newer: PolicyDocument): Generator<Change> {
  for (const name of tableNames) {
    const tables = { older: older.tables[name], newer: newer.tables[name] };
    if (!same(tables.older, tables.newer)) yield* diffTable({ name, ...tables, currency: newer.currency });
  }
}

/** Where rules come from and what customers read of them. */
function* diffRules({ rules: older }: PolicyDocument, { rules: newer }: PolicyDocument): Generator<Change> {
  for (const id of keysOf(older, newer)) {
    const [before, after] = [older[id], newer[id]];
    const path = join("rules", id);
    if (before && after) {
      yield* replaced(`${path}.article`, `article of ${id}`, before.article, after.article, id);
      yield* texts(`${path}.texts`, `text of ${id} in`, before.texts, after.texts, id);
    } else if (after) yield changeAt(path, `text of ${id} is new, by ${after.article}: ${shown(after.texts)}`, id);
    else if (before) yield changeAt(path, `text of ${id} is gone, by ${before.article}`, id);
  }
}
