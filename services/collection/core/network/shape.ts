// What the file of a network must look like. Everything wrong is told at once, each with its path and what to do, so that
// an operator mends it in one go.
import { isFetched } from "../methods.js";
import { type Carrier, labelForms, type NetworkData, temperatures } from "./network.js";
import { handOverMethods } from "./offer.js";

/** Everything wrong with a network, one line each. */
export class NetworkInvalid extends Error {
  override readonly name = "NetworkInvalid";

  constructor(readonly problems: readonly string[]) {
    super(problems.join("\n  "));
  }
}

const name = /^[a-z0-9][a-z0-9_-]{0,39}$/;
const timeOfDay = /^([01]\d|2[0-3]):[0-5]\d$/;

/** Looks at a value; tells what is wrong with it, at its path. */
type Look = (value: unknown, path: string) => void;

/** @throws NetworkInvalid with everything that is wrong */
export function checkNetwork(json: unknown): NetworkData {
  const problems: string[] = [];
  const tell = (path: string, what: string) => void problems.push(`${path || "the file"}: ${what}`);

  const text =
    (pattern: RegExp, what: string): Look =>
    (value, path) => {
      if (typeof value !== "string" || !pattern.test(value)) tell(path, `write ${what}`);
    };
  const oneOf =
    (words: readonly unknown[]): Look =>
    (value, path) => {
      if (!words.includes(value)) tell(path, `write one of ${words.join(", ")}`);
    };
  const whole =
    (min: number, max: number): Look =>
    (value, path) => {
      const fits = Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
      if (!fits) tell(path, `write a whole number from ${min} to ${max}`);
    };
  const list =
    (look: Look, least = 0): Look =>
    (value, path) => {
      if (!Array.isArray(value) || value.length < least) return tell(path, `write a list of at least ${least}`);
      value.forEach((item, i) => look(item, `${path}[${i}]`));
      if (new Set(value.map((item) => JSON.stringify(item))).size < value.length) tell(path, "name each only once");
    };
  const map =
    (key: RegExp, what: string, look: Look): Look =>
    (value, path) => {
      if (!isObject(value)) return tell(path, "write an object");
      for (const [field, item] of Object.entries(value)) {
        if (!key.test(field)) tell(path, `"${field}" is not ${what}`);
        look(item, `${path}.${field}`);
      }
    };
  const fields =
    (needed: Readonly<Record<string, Look>>, optional: Readonly<Record<string, Look>> = {}): Look =>
    (value, path) => {
      if (!isObject(value)) return tell(path, "write an object");
      const at = (field: string) => (path ? `${path}.${field}` : field);
      for (const [field, look] of Object.entries(needed)) {
        if (field in value) look(value[field], at(field));
        else tell(at(field), "it is missing");
      }
      for (const [field, item] of Object.entries(value)) {
        if (optional[field]) optional[field](item, at(field));
        else if (!needed[field]) tell(at(field), `there is no such field; known are ${known(needed, optional)}`);
      }
    };

  const aName = text(name, "a name of a-z, 0-9, - and _");
  const time = text(timeOfDay, 'a time of day, e.g. "17:00"');
  const closedDay = /^(\d{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
  const heat = list(oneOf(temperatures), 1);
  const terms = fields({ cost_minor: whole(0, 1e12), promise_days: whole(0, 60) }, { capacity: whole(0, 1e9) });
  const service = fields({
    methods: list(oneOf(handOverMethods), 1),
    label: oneOf(labelForms),
    limits: fields(
      { temperatures: heat },
      { longest_side_cm: whole(1, 10_000), sides_sum_cm: whole(1, 30_000), weight_grams: whole(1, 1e8) },
    ),
    cut_off: fields({ time, days_before: whole(0, 30) }),
    days_ahead: whole(1, 60),
    windows: list(fields({ from: time, to: time })),
    areas: map(name, "a group of areas", terms),
  });
  const works = fields({
    weekdays: list(whole(0, 6), 1),
    holidays: oneOf([true, false]),
    closed: map(closedDay, "a day MM-DD or yyyy-mm-dd", text(/./, "the reason")),
  });
  fields({
    market: text(/^[A-Z]{2}$/, "the market's two letters"),
    version: text(/./, "a version"),
    note: text(/^/, "what people should know of these figures"),
    currency: text(/^[A-Z]{3}$/, "an ISO 4217 currency"),
    areas: map(
      name,
      "a name",
      list(text(/^[A-Z0-9]{1,10}$|^(\d{2,10})-\d{2,10}$/, 'postcodes as "06" or "40200-40240"'), 1),
    ),
    carriers: list(fields({ carrier: aName, works, services: list(service, 1) }), 1),
    centres: list(
      fields({
        centre: aName,
        areas: list(aName, 1),
        temperatures: heat,
        seller_ids: list(text(/./, "a seller's id")),
      }),
      1,
    ),
  })(json, "");

  if (problems.length === 0) checkSense(json as NetworkData, tell);
  if (problems.length > 0) throw new NetworkInvalid(problems);
  return json as NetworkData;
}

/** What fits together, once every field is what it should be. */
function checkSense(data: NetworkData, tell: (path: string, what: string) => void): void {
  const seen = new Map<string, string>();
  for (const [area, entries] of Object.entries(data.areas)) {
    for (const entry of entries) {
      const other = seen.get(entry);
      if (other) tell(`areas.${area}`, `"${entry}" is in ${other} already; keep it in one`);
      seen.set(entry, area);
      const [from = "", to] = entry.split("-");
      if (to !== undefined && (from.length !== to.length || from > to))
        tell(`areas.${area}`, `"${entry}" must lead from a lower to a higher postcode of the same length`);
    }
  }
  const areaKnown = (area: string, path: string) => {
    if (!Object.hasOwn(data.areas, area)) tell(path, `"${area}" is no group of areas; name it under "areas"`);
  };
  data.centres.forEach(({ areas }, i) => {
    for (const area of areas) areaKnown(area, `centres[${i}].areas`);
  });
  twice(data.carriers.map(({ carrier }) => carrier)).forEach((it) => tell("carriers", `"${it}" stands there twice`));
  twice(data.centres.map(({ centre }) => centre)).forEach((it) => tell("centres", `"${it}" stands there twice`));
  data.carriers.forEach((carrier, i) => checkCarrier(carrier, `carriers[${i}]`, areaKnown, tell));
}

function checkCarrier(
  { services }: Carrier,
  path: string,
  areaKnown: (area: string, path: string) => void,
  tell: (path: string, what: string) => void,
): void {
  for (const method of twice(services.flatMap(({ methods }) => methods)))
    tell(`${path}.services`, `${method} stands in two services; keep it in one`);
  if (services.filter(({ windows }) => windows.length > 0).length > 1)
    tell(`${path}.services`, "only one may have windows: the places of a driver's day are counted once");
  services.forEach(({ methods, windows, cut_off, areas }, i) => {
    const at = `${path}.services[${i}]`;
    const driven = methods.filter(isFetched).length;
    if (driven > 0 && driven < methods.length) tell(`${at}.methods`, "put pickups and what is brought apart");
    if (driven > 0 && windows.length === 0) tell(`${at}.windows`, "say when drivers come");
    if (driven === 0 && windows.length > 0) tell(`${at}.windows`, "leave it empty: the customer brings it");
    if (driven === 0 && cut_off.days_before > 0) tell(`${at}.cut_off.days_before`, "write 0: the customer brings it");
    for (const { from, to } of windows) if (from >= to) tell(`${at}.windows`, `${from} must be before ${to}`);
    for (const [area, { capacity }] of Object.entries(areas)) {
      areaKnown(area, `${at}.areas`);
      if (driven > 0 && capacity === undefined) tell(`${at}.areas.${area}.capacity`, "say how many parcels per window");
    }
  });
}

function twice(names: readonly string[]): string[] {
  return [...new Set(names.filter((it, i) => names.indexOf(it) !== i))];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function known(...of: readonly Readonly<Record<string, unknown>>[]): string {
  return of.flatMap((part) => Object.keys(part)).join(", ");
}
