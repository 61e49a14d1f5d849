// What the trials came to, kind by kind, for people.
import { columns, number } from "../prove/proof.js";
import type { Outcome } from "./trial.js";

const timed = ["readyMs", "flowMs", "restMs"] as const;
const heads = ["ready", "work goes on", "at rest"] as const;

/** One trial in a line. */
export function line({ number: nth, kind, what, hit, complaints, tookMs, ...times }: Outcome): string {
  const took = timed.flatMap((name, at) => (times[name] === undefined ? [] : [`${heads[at]} ${seconds(times[name])}`]));
  const end = complaints.length > 0 ? "FAILED" : hit ? took.join(", ") : "did not come about";
  return `${String(nth).padStart(5)}  ${kind.padEnd(13)}  ${what}: ${end} (${seconds(tookMs)})`;
}

/** The table of all. */
export function report(outcomes: readonly Outcome[]): string {
  const kinds = [...new Set(outcomes.map(({ kind }) => kind))].sort();
  const row = (name: string, of: readonly Outcome[]) => [
    name,
    number(of.length),
    number(of.filter(({ hit }) => hit).length),
    number(of.filter(({ complaints }) => complaints.length > 0).length),
    ...timed.map((time) => spread(of.flatMap((outcome) => outcome[time] ?? []))),
  ];
  return columns([
    ["fault", "trials", "struck", "failed", ...heads.map((head) => `${head}: p50 / p99 / max`)],
    ...kinds.map((kind) =>
      row(
        kind,
        outcomes.filter((outcome) => outcome.kind === kind),
      ),
    ),
    row("all", outcomes),
  ]);
}

/** The share-th value, of a hundred. */
function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * share) / 100) - 1)] ?? Number.NaN;
}

function spread(values: readonly number[]): string {
  if (values.length === 0) return "–";
  return [50, 99, 100].map((share) => seconds(percentile(values, share))).join(" / ");
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
