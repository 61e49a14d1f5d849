// A policy's golden file: what it answers every combination of facts, in few rows. Whoever changes a document changes the
// file with it, and the change is read like code: run test/golden.test.ts with UPDATE_GOLDEN=1, and it writes the
// files that it otherwise compares.
import type { Policy } from "../core/engine.js";
import { alike, askedAlike } from "./golden/alike.js";
import { boxesOf, placesOf, upTo } from "./golden/boxes.js";
import { daysAround, limitsOf } from "./golden/days.js";
import {
  type Ask,
  asksOf,
  type Combination,
  combinationsOf,
  type Dimension,
  type Dimensions,
  dimensionsOf,
} from "./golden/dimensions.js";
import { type Section, sectionsOf } from "./golden/sections.js";
import { printAsks, printTable } from "./golden/sheet.js";

/** The text of the file. */
export function goldenOf(policy: Policy): string {
  const dimensions = dimensionsOf(policy.document);
  const asks = asksOf(policy.document);
  const counted = { rows: 0, decided: 0 };
  const sections = sectionsOf(policy).map((section) => {
    const blocks = new Map<string, Ask[]>();
    for (const same of askedAlike(policy, section.tables, section.lawful)) {
      const { table, combinations } = tableOf(policy, section, same[0] as Ask, dimensions);
      counted.decided += combinations * section.times;
      const printed = printTable(table, dimensions).join("\n");
      if (!blocks.has(printed)) counted.rows += table.rows.length;
      blocks.set(printed, [...(blocks.get(printed) ?? []), ...same]);
    }
    const printed = [...blocks].map(([table, same]) => [...printAsks(same, asks), table].join("\n"));
    return [`## ${section.title}`, ...printed].join("\n\n");
  });
  return `${[headOf(policy, dimensions, counted), ...sections].join("\n\n")}\n`;
}

/** What a section answers an ask, for whatever line. */
function tableOf(policy: Policy, { tables, lawful, columns, answer }: Section, ask: Ask, all: Dimensions) {
  const dimensions = (Object.keys(all) as Dimension[]).map((dimension) => ({
    dimension,
    classes: alike(policy, tables, ask, dimension, all[dimension], lawful),
  }));
  const sizes = dimensions.map(({ classes }) => classes.length);
  const places = placesOf(sizes.map(upTo));
  const answers = places.map((place) => {
    const chosen = dimensions.map(({ dimension, classes }, at) => [dimension, classes[place[at] ?? 0]?.[0]]);
    return answer(ask, Object.fromEntries(chosen) as Combination).join("\t");
  });
  const boxes = boxesOf(sizes, answers);
  const used = dimensions.map((_, at) => boxes.some(({ sets }) => sets[at]?.length !== sizes[at]));
  const rows = boxes.map((box) => ({
    values: box.sets
      .map((set, at) => set.flatMap((place) => dimensions[at]?.classes[place] ?? []))
      .filter((_, at) => used[at]),
    answer: box.answer.split("\t"),
  }));
  const named = dimensions.flatMap(({ dimension }, at) => (used[at] ? [dimension] : []));
  return { table: { dimensions: named, columns, rows }, combinations: places.length };
}

function headOf(policy: Policy, dimensions: Dimensions, { rows, decided }: { rows: number; decided: number }): string {
  const { document } = policy;
  const number = (n: number) => n.toLocaleString("en-GB");
  const limits = limitsOf(policy);
  const times = daysAround(limits).length + 1;
  const sizes = Object.entries(dimensions).map(([name, values]) => `${values.length} ${name}`);
  const asks = `${asksOf(document).length} asks (a reason for a kind)`;
  return [
    `# ${document.market}: what is answered to whom`,
    "",
    `${number(combinationsOf(document) * times)} combinations in ${rows} rows: each stands in one row of every part.`,
    `They are ${asks} × ${sizes.slice(0, 6).join(" × ")}`,
    `× ${sizes.slice(6).join(" × ")} × ${times} times: under way, and the`,
    `days before, on and after day ${limits.join(", ")}, without days of rest.`,
    `${number(decided)} answers were asked for one by one; where no cell and no article can tell combinations apart, one for all.`,
  ].join("\n");
}
