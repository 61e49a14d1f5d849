// All lines that can be told apart, without trying each: they would be millions. A line is a point on each of some axes,
// and what a rule fits is a box: a set of points on each axis. Facts that hang together share an axis, such as a reason
// with what may be asked for it, or a category with what was told of it, so that every point is a line there can be.

import { toldOf } from "../decide.js";
import type { PolicyDocument } from "../document.js";
import { domainOf, type Scalar } from "../domains.js";
import { tableNames } from "../facts.js";
import type { Condition, Law } from "../law.js";
import type { Fault } from "../words.js";

/** Facts by the columns' names. */
export type Facts = Readonly<Record<string, Scalar>>;

/** The likeliest point comes first: it stands in examples where nothing else is asked for. */
type Axis = readonly Facts[];

/** The points of one axis, a bit each. */
type Points = bigint;

/** On each axis the points that are in it; none of them is empty. */
export type Box = readonly Points[];

/** What a rule asks for on one axis. */
export type Constraint = { readonly axis: number; readonly points: Points };

export type Space = {
  readonly axes: readonly Axis[];
  /** The axis of each column but those of the time. */
  readonly axisOf: ReadonlyMap<string, number>;
  /** All lines. */
  readonly all: Box;
};

/** Where the asks lie among the axes. */
export const askAxis = 0;

/** @param law whose conditions tell lines apart as well */
export function spaceOf(document: PolicyDocument, law: Law): Space {
  const conditions = [
    ...law.rights.flatMap(({ when, unless = [] }) => [when, ...unless]),
    ...law.free.map(({ when }) => when),
  ];
  const values = (field: string) =>
    domainOf(
      document,
      tableNames,
      field,
      conditions.flatMap((condition) => condition[field] ?? []),
    );
  const alone = (field: string): Axis => values(field).map((value) => ({ [field]: value }));
  const amounts = alone("line_minor");
  const axes: Axis[] = [
    asks(document),
    goods(document, values("category"), values("temperature")),
    ...["tier", "item_class", "seller_type", "fulfilment", "opened", "listed", "risk_score", "exchanged"].map(alone),
    [{ delivered: true }, { delivered: false }],
    [...amounts.slice(1), ...amounts.slice(0, 1)], // what costs nothing is rare
  ];
  const fields = axes.flatMap((axis, at) => Object.keys(axis[0] ?? {}).map((field) => [field, at] as const));
  return { axes, axisOf: new Map(fields), all: axes.map((axis) => (1n << BigInt(axis.length)) - 1n) };
}

function asks({ reasons }: PolicyDocument): Axis {
  return reasons.flatMap(({ group, leaves }) =>
    leaves.flatMap(({ code, fault, kinds, nonconforming, never_came }) =>
      kinds.flatMap((kind) => {
        const ask = { kind, reason: code, group, fault, nonconforming, never_came };
        const replacements = kind === "EXCHANGE" ? [true] : kind === "CLAIM" ? [false, true] : [false];
        return replacements.map((replacement) => ({ ...ask, replacement }));
      }),
    ),
  );
}

function goods(document: PolicyDocument, categories: readonly Scalar[], temperatures: readonly Scalar[]): Axis {
  return categories.flatMap((category) =>
    temperatures.flatMap((temperature) =>
      [false, true].map((final_sale) => {
        const told = toldOf(document, String(category), String(temperature), final_sale);
        return { category, temperature, final_sale, told };
      }),
    ),
  );
}

/** The points of a column's axis that meet a test. */
export function constraintOf({ axes, axisOf }: Space, field: string, meets: (value: Scalar) => boolean): Constraint {
  const axis = axisOf.get(field);
  if (axis === undefined) throw new RangeError(`${field} lies on no axis`);
  let points = 0n;
  for (const [at, facts] of (axes[axis] ?? []).entries()) {
    if (meets(facts[field] as Scalar)) points |= 1n << BigInt(at);
  }
  return { axis, points };
}

/** The lines of a box that meet all constraints; undefined if there are none. */
export function meet(box: Box, constraints: readonly Constraint[]): Box | undefined {
  const common = [...box];
  for (const { axis, points } of constraints) {
    const left = (common[axis] as Points) & points;
    if (left === 0n) return undefined;
    common[axis] = left;
  }
  return common;
}

/** The lines of a box that do not meet all constraints, in boxes that share no line. */
export function without(box: Box, constraints: readonly Constraint[]): Box[] {
  const rest: Box[] = [];
  const left = [...box];
  for (const { axis, points } of constraints) {
    const here = left[axis] as Points;
    const outside = here & ~points;
    if (outside !== 0n) rest.push(left.with(axis, outside));
    left[axis] = here & points;
    if (left[axis] === 0n) break;
  }
  return rest;
}

/**
 * The constraints that say a condition of the law; undefined where it cannot be met.
 * @param fixed facts that are known already, whatever the axes say
 */
export function constraintsOf(space: Space, condition: Condition, fixed: Facts): Constraint[] | undefined {
  const constraints: Constraint[] = [];
  for (const [field, wanted] of Object.entries(condition)) {
    if (Object.hasOwn(fixed, field)) {
      if (fixed[field] !== wanted) return undefined;
      continue;
    }
    constraints.push(constraintOf(space, field, (value) => value === wanted));
  }
  return constraints;
}

/** The likeliest line of a box, with the facts that are known besides. */
export function likeliest({ axes }: Space, box: Box, fixed: Facts): Facts {
  return Object.assign({}, ...axes.map((axis, at) => axis[firstOf(box[at] as Points)]), fixed);
}

/** On how many axes the likeliest point of all is not in the box. */
export function rarity(box: Box): number {
  return box.filter((points) => (points & 1n) === 0n).length;
}

function firstOf(points: Points): number {
  let at = 0;
  for (let rest = points; (rest & 1n) === 0n; rest >>= 1n) at += 1;
  return at;
}

/** The leaves' own faults among the lines of a box, each with its lines. */
export function byFault(space: Space, box: Box): { readonly fault: Fault; readonly box: Box }[] {
  const axis = space.axisOf.get("fault") ?? 0;
  const faults = new Set((space.axes[axis] ?? []).map((ask) => ask.fault as Fault));
  return [...faults].flatMap((fault) => {
    const own = meet(box, [constraintOf(space, "fault", (value) => value === fault)]);
    return own ? [{ fault, box: own }] : [];
  });
}
