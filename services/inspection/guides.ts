// What the bench goes by, as data beside this file: checklists and figures by category, times for disputes and the way back by market.
import { readdirSync, readFileSync } from "node:fs";
import type { GetChecklistResponse } from "#gen/backhaul/inspection/v1/inspection_service.js";
import type { DisputePolicy } from "./core/disputes.js";
import type { SendBackRule } from "./core/sendback.js";
import type { Figures } from "./core/suggestion.js";

type Point = { readonly point_id: string; readonly photo: boolean; readonly text: Readonly<Record<string, string>> };
type Checklist = { readonly category: string; readonly points: readonly Point[] };

export type Guides = ReturnType<typeof openGuides>;

/** Whatever has no guide of its own goes by this one. */
const general = "general";

/** @throws Error if a file is missing or is no JSON */
export function openGuides() {
  const checklists = folder<Checklist>("checklists");
  const figures = folder<Figures>("figures");
  const disputes = new Map(Object.entries(json<Record<string, DisputePolicy>>("disputes.json")));
  const ways = new Map(Object.entries(json<Record<string, SendBackRule>>("sendback.json")));
  return {
    checklist: (category: string): GetChecklistResponse => {
      const { category: whose, points } = of(checklists, category);
      const read = points.map(({ point_id: pointId, photo, text }) => ({ pointId, photo, text: { ...text } }));
      return { category: whose, points: read };
    },
    figures: (category: string): Figures => of(figures, category),
    disputes: (market: string): DisputePolicy => of(disputes, market),
    sendBack: (market: string): SendBackRule => of(ways, market),
  };
}

function of<T>(guides: ReadonlyMap<string, T>, name: string): T {
  const guide = guides.get(name) ?? guides.get(general);
  if (guide) return guide;
  throw new Error(`there is no ${general} guide`);
}

function folder<T>(name: string): Map<string, T> {
  const files = readdirSync(new URL(`${name}/`, import.meta.url)).filter((file) => file.endsWith(".json"));
  return new Map(files.map((file) => [file.slice(0, -".json".length), json<T>(`${name}/${file}`)]));
}

function json<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8"));
}
