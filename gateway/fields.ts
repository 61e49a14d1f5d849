// Field masks of reads (AIP-157): ?fields=state,lines.line_id sends those fields of an answer and no others. Names are the
// contract's in either form, dotted for a field of a field, through lists and maps alike; "*" is all of what stands there.
import type { DescField, DescMessage, JsonObject, JsonValue } from "@bufbuild/protobuf";
import { InvalidRequest, type Violation } from "#kit/errors.js";
import { isBinary } from "./binary.js";
import { shorten } from "./json.js";
import type { Query } from "./params.js";
import type { Route } from "./routes.js";

/** The query parameter; routes.ts sees to it that no contract has a field of that name where it would be one. */
export const maskParameter = "fields";

/** What to keep of an object, by JSON name or a map's key; "all" keeps everything that stands there. */
export type Mask = Map<string, Mask> | "all";

// More than any message has; what is longer is no list of fields.
const mostPaths = 200;

/** Whether a route's answers can be sent in part: those of reads that are JSON. */
export function isMaskable(route: Route): boolean {
  return route.verb === "GET" && !route.streaming && !isBinary(route.responseBody);
}

/**
 * Takes the mask out of a query.
 * @throws InvalidRequest naming each path that leads nowhere
 */
export function takeMask(route: Route, query: Query): { readonly mask: Mask; readonly query: Query } {
  if (!isMaskable(route) || !(maskParameter in query)) return { mask: "all", query };
  const { [maskParameter]: given = "", ...others } = query;
  return { mask: readMask(route.responseBody ?? route.output, [given].flat().join(",")), query: others };
}

function readMask(root: DescMessage | DescField, text: string): Mask {
  const paths = text.split(",", mostPaths + 1).map((path) => path.trim());
  const named = paths.filter((path) => path !== "");
  if (named.length === 0) return "all";
  if (paths.length > mostPaths) throw new InvalidRequest([violation(`names more than ${mostPaths} fields`)]);
  const mask: Mask = new Map();
  const violations: Violation[] = [];
  for (const path of named) {
    const steps = stepsOf(root, path.split("."));
    if (steps) keep(mask, steps);
    else violations.push(violation(`there is no "${shorten(path)}" in the answer`));
  }
  if (violations.length > 0) throw new InvalidRequest(violations);
  return mask.has("*") ? "all" : mask;
}

const violation = (description: string): Violation => ({ field: maskParameter, description });

/** A path by JSON names; undefined if it leads nowhere. A list takes no step of its own, but for "*" as AIP-161 writes it. */
function stepsOf(root: DescMessage | DescField, path: readonly string[]): string[] | undefined {
  const steps: string[] = [];
  let at: DescMessage | DescField | undefined = root;
  for (const [i, step] of path.entries()) {
    const isLast = i === path.length - 1;
    if (at?.kind === "field" && at.fieldKind === "list" && step === "*") continue;
    if (at?.kind === "field" && at.fieldKind === "map") {
      if (step === "") return undefined;
      steps.push(step);
      at = at.message;
      continue;
    }
    const message: DescMessage | undefined = at?.kind === "field" ? at.message : at;
    if (step === "*" && isLast && message) return [...steps, "*"];
    const field: DescField | undefined = ownFields(message).find(
      ({ name, jsonName }) => name === step || jsonName === step,
    );
    if (!field) return undefined;
    steps.push(field.jsonName);
    at = field;
  }
  return steps;
}

/** Of a Timestamp and its like JSON has a text, and no fields. */
function ownFields(message: DescMessage | undefined): readonly DescField[] {
  return message && !message.typeName.startsWith("google.protobuf.") ? message.fields : [];
}

function keep(mask: Map<string, Mask>, [step = "", ...rest]: readonly string[]): void {
  const there = mask.get(step);
  if (there === "all") return;
  if (rest.length === 0 || rest[0] === "*") {
    mask.set(step, "all");
    return;
  }
  const below = there ?? new Map<string, Mask>();
  mask.set(step, below);
  keep(below, rest);
}

/** What a mask keeps of an answer. */
export function masked(json: JsonValue, mask: Mask): JsonValue {
  if (mask === "all" || typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) return json.map((item) => masked(item, mask));
  const kept: JsonObject = {};
  for (const [name, value] of Object.entries(json)) {
    const below = mask.get(name) ?? mask.get("*");
    if (below) kept[name] = masked(value, below);
  }
  return kept;
}
