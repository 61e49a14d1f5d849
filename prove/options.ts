// What `npm run prove` is told: which proofs, how many of what they count, and from which seed.

export type Options = {
  readonly only: readonly string[] | undefined;
  /** How many returns, races or walks; each proof has its own number without it. */
  readonly count: number | undefined;
  /** Proofs that draw stories say theirs, so that a failure can be told again. */
  readonly seed: number;
  readonly json: boolean;
};

/** What a proof that draws stories needs to know. */
export type Draw = Pick<Options, "count" | "seed">;

/** @throws Error that names what is no number */
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
  return {
    only: after("--only")?.split(","),
    count: wholeNumber("--count"),
    seed: wholeNumber("--seed") ?? 20_261_126,
    json: args.includes("--json"),
  };
}
