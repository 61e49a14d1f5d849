// What differs between two reason trees: groups, leaves, and what a leaf says of itself.
import type { PolicyDocument } from "../document.js";
import { type Change, changeAt, keysOf, paired, reordered, replaced, shown, spoken, texts } from "./change.js";

type Group = PolicyDocument["reasons"][number];
type Leaf = Group["leaves"][number] & { readonly group: string; readonly path: string };

export function* diffReasons(
  { reasons: older }: PolicyDocument,
  { reasons: newer }: PolicyDocument,
): Generator<Change> {
  for (const { key, before, after, at } of paired(older, newer, ({ group }) => group)) {
    const path = `reasons[${at}]`;
    if (before && after) yield* texts(`${path}.texts`, `text of the reasons ${key} in`, before.texts, after.texts);
    else if (after) yield changeAt(path, `reasons: new group ${key}, ${shown(after.texts)}`);
    else yield changeAt(path, `reasons: group ${key} is gone`);
  }
  yield* reordered("reasons", "groups of reasons", older, newer, ({ group }) => group);
  for (const { key, before, after } of paired(leavesOf(older), leavesOf(newer), ({ code }) => code)) {
    if (before && after) yield* diffLeaf(before, after);
    else if (after) yield changeAt(after.path, `reason ${key} is new: ${leafText(after)}`);
    else if (before) yield changeAt(before.path, `reason ${key} is gone: ${leafText(before)}`);
  }
  for (const { before, after, at } of paired(older, newer, ({ group }) => group)) {
    if (!before || !after) continue;
    const what = `reasons of ${after.group}`;
    yield* reordered(`reasons[${at}].leaves`, what, before.leaves, after.leaves, ({ code }) => code);
  }
}

function* diffLeaf(before: Leaf, after: Leaf): Generator<Change> {
  const what = `reason ${after.code}`;
  for (const field of keysOf(before, after) as (keyof Leaf)[]) {
    const path = `${after.path}.${field}`;
    if (field === "path") continue;
    if (field === "texts") yield* texts(path, `text of ${what} in`, before.texts, after.texts);
    else yield* replaced(path, `${what}: ${spoken(field)}`, before[field], after[field]);
  }
}

function leafText({ group, fault, kinds, nonconforming, never_came, texts }: Leaf): string {
  const marks = [nonconforming && "not as agreed", never_came && "never came"].filter(Boolean);
  const said = [`group ${group}`, `fault ${fault}`, `for ${kinds.join(", ")}`, ...marks];
  return `${said.join(", ")}, ${shown(texts)}`;
}

function leavesOf(reasons: readonly Group[]): Leaf[] {
  return reasons.flatMap(({ group, leaves }, g) =>
    leaves.map((leaf, l) => ({ ...leaf, group, path: `reasons[${g}].leaves[${l}]` })),
  );
}
