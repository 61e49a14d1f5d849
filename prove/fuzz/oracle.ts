// What fuzzing holds a mesh to: whatever comes in, the answer is one that is declared, and it comes.

import { Tally } from "../proof.js";

/** What came of one input: how it was answered, and what is wrong with that, if anything. */
export type Outcome = { readonly answer: string; readonly wrong?: string | undefined };

/** What was wrong, the first of each kind with the input that brought it about. */
export class Findings {
  readonly byKind = new Map<string, { times: number; input: string }>();
  readonly answers = new Tally();
  inputs = 0;

  note({ answer, wrong }: Outcome, input: () => string): void {
    this.inputs++;
    this.answers.add(answer);
    if (wrong === undefined) return;
    const known = this.byKind.get(wrong);
    if (known) known.times++;
    else this.byKind.set(wrong, { times: 1, input: input() });
  }

  get lines(): string[] {
    return [...this.byKind].map(([kind, { times, input }]) => `${times} × ${kind}: ${input.slice(0, 400)}`);
  }
}
