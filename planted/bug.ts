// A planted bug: one of the classic mistakes, made in the source as it is loaded, so that the code itself knows nothing of
// it. A suite that stays green with it does not guard what it says it guards.

export type Bug = {
  /** By which it is asked for: what goes wrong, in small letters and dashes. */
  readonly name: string;
  /** The file it is planted in, from the root. */
  readonly file: string;
  /** What stands there, to the letter and exactly once: who changes it must say what the mistake is now. */
  readonly find: string;
  /** What stands there instead. */
  readonly put: string;
  /** Why people make it, or what it would cost. */
  readonly why: string;
  /** Tests that must go red. */
  readonly caughtBy: readonly Catcher[];
};

/** A test of the suite, by its file and its own title. */
export type Catcher = { readonly file: string; readonly title: string };
