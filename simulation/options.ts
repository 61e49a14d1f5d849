// What `npm run simulate` is told: how many stories from which seed, or one of them again, with less in it.
import { allOrders } from "./simulate.js";
import { faultKinds } from "./world/weather.js";

export type Options = {
  readonly seed: number;
  readonly seeds: number;
  /** Goes on with further seeds until so many steps were made; undefined: the seeds are enough. */
  readonly steps: number | undefined;
  /** Of each story: its orders, and the kinds of faults it goes without. */
  readonly orders: readonly number[];
  readonly without: readonly string[];
  /** Prints every line of the story. */
  readonly story: boolean;
  readonly json: boolean;
};

/** @throws Error that names what is no number, no order, no kind of fault */
export function readOptions(args: readonly string[]): Options {
  const after = (flag: string) => {
    const at = args.indexOf(flag);
    return at < 0 ? undefined : (args[at + 1] ?? "");
  };
  const wholeNumber = (flag: string) => {
    const text = after(flag);
    if (text !== undefined && !/^\d{1,9}$/.test(text)) throw new Error(`${flag} wants a whole number`);
    return text === undefined ? undefined : Number(text);
  };
  const orders = after("--orders")?.split(",").map(Number) ?? allOrders;
  const without = after("--without")?.split(",") ?? [];
  const unknown = without.find((kind) => !(faultKinds as readonly string[]).includes(kind));
  if (unknown !== undefined) throw new Error(`--without knows ${faultKinds.join(", ")}; not "${unknown}"`);
  if (orders.some((nth) => !allOrders.includes(nth))) throw new Error(`--orders are numbers up to ${allOrders.length}`);
  const seed = wholeNumber("--seed");
  return {
    seed: seed ?? 1,
    seeds: wholeNumber("--seeds") ?? (seed === undefined ? 100 : 1),
    steps: wholeNumber("--steps"),
    orders,
    without,
    story: args.includes("--story"),
    json: args.includes("--json"),
  };
}
