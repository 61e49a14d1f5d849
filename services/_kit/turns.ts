// In one process those who want the same thing wait for each other: meeting at a guard of the database would cost all but
// one of them a try. Between processes the guard decides.

/** Does work in turn with whatever else has the same name. */
export type Turns = <T>(name: string, work: () => Promise<T>) => Promise<T>;

export function openTurns(): Turns {
  const lines = new Map<string, Promise<unknown>>();
  return (name, work) => {
    const before = lines.get(name);
    const turn = before ? before.then(work) : work();
    // Whoever waits only waits: how this turn ends is its own caller's affair.
    const over = turn.then(
      () => {},
      () => {},
    );
    lines.set(name, over);
    void over.then(() => {
      if (lines.get(name) === over) lines.delete(name);
    });
    return turn;
  };
}
