// State is a word of the contract's enum without its prefix, the same in core, SQL, log and event. This maps the two.

/** Both directions between a contract's enum and its words. */
export type Words<W extends string, E extends number> = {
  /** The word of an enum value; an unset or unknown value has none. */
  word(value: E): W | undefined;
  /** The enum value of a word. */
  value(word: W): E;
  /** Every word, in the contract's order, without UNSPECIFIED. */
  readonly all: readonly W[];
};

type WordOf<K, P extends string> = K extends `${P}${infer W}` ? (W extends "UNSPECIFIED" ? never : W) : never;

/** words(RefundState, "REFUND_STATE_"): "GRANTED" ↔ RefundState.REFUND_STATE_GRANTED. */
export function words<T extends Record<string, string | number>, P extends string>(
  enumeration: T,
  prefix: P,
): Words<WordOf<keyof T, P>, Extract<T[keyof T], number>> {
  type W = WordOf<keyof T, P>;
  type E = Extract<T[keyof T], number>;
  const entries = Object.entries(enumeration).filter(
    ([name, value]) => typeof value === "number" && value > 0 && name.startsWith(prefix),
  ) as [string, E][];
  const byValue = new Map(entries.map(([name, value]) => [value, name.slice(prefix.length) as W]));
  const byWord = new Map([...byValue].map(([value, word]) => [word, value]));
  return {
    word: (value) => byValue.get(value),
    value: (word) => byWord.get(word) as E,
    all: [...byValue.values()],
  };
}
