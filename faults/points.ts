// The boundaries at which a process is made to die or to stand still: those that the journeys of a trial pass, as
// `npm run faults -- --record` found them.
import { readFileSync } from "node:fs";
import type { ServiceName } from "../scripts/mesh/services.js";

export type Point = { readonly service: ServiceName; readonly name: string };

const recorded: readonly string[] = JSON.parse(readFileSync(new URL("points.json", import.meta.url), "utf8"));

export const points: readonly Point[] = recorded.map((name) => ({ service: name.split(".")[0] as ServiceName, name }));
