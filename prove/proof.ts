// What a proof comes to: what was asked for, what was counted, and whether that will do.

export type Proof = { readonly asked: string; readonly counted: string; readonly ok: boolean };

/** Tells how far a long part is. */
export type Say = (line: string) => void;

export const number = (n: number): string => n.toLocaleString("en-GB");

/** Says how far it is, every few seconds. */
export function counter(say: Say, what: string, of: number): (done: number) => void {
  let saidAt = Date.now();
  return (done) => {
    if (Date.now() - saidAt < 5_000) return;
    saidAt = Date.now();
    say(`  ${what}: ${number(done)} of ${number(of)}`);
  };
}

/** Does work on every item, so many at a time; the results in the items' order. */
export async function atOnce<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i] as T, i);
  };
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}
