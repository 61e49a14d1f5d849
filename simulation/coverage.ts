// What a set of stories has come to: steps, faults, refusals, and which edges of the cores' tables were gone.
import { edgesOf } from "../prove/walks/ledger.js";
import { tenderMoves } from "../services/refund/core/tenders.js";
import type { TenderState } from "../services/refund/core/types.js";
import { edgesOfTable } from "./invariants/units.js";
import type { Report } from "./simulate.js";

/** The tables, by what moves in them. */
const tables: Readonly<Record<string, readonly string[]>> = {
  share: edgesOf<TenderState>(tenderMoves),
  ...edgesOfTable,
};

export class Coverage {
  stories = 0;
  steps = 0;
  days = 0;
  readonly struck = new Map<string, number>();
  readonly refusals = new Map<string, number>();
  readonly edges = new Map<string, number>();

  add(report: Report): void {
    this.stories++;
    this.steps += report.steps;
    this.days += report.days;
    for (const kind of ["struck", "refusals", "edges"] as const) {
      for (const [name, n] of report[kind]) this[kind].set(name, (this[kind].get(name) ?? 0) + n);
    }
  }

  /** By table: how many edges there are, and those that no story has gone. */
  get gone(): { table: string; edges: number; gone: number; missed: string[] }[] {
    return Object.entries(tables).map(([table, edges]) => {
      const missed = edges.filter((edge) => !this.edges.has(`${table}: ${edge}`));
      return { table, edges: edges.length, gone: edges.length - missed.length, missed };
    });
  }
}
