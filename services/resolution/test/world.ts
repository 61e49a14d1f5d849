// A small world around a resolution: whoever it calls answers, facts come when they come. Seeded, so that a walk that
// fails can be walked again.
import * as core from "../core/resolution.js";
import type { Outcome, Resolution } from "../core/types.js";
import { later, scene, type Told } from "./builders.js";

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** How those who are called answer. */
export type Answers = Readonly<Record<string, Told>>;

const refunded: Told = (r) => core.refunded(r, "rfd_1", { minor: 5000n, currency: "KRW" }, scene());

/** Everybody says yes. */
export const willing: Answers = {
  "shipment.stop": (r) => core.stopped(r, scene()),
  "shipment.intercept": (r) => core.intercepted(r, scene()),
  "eligibility.decide": (r) => core.judgedAsReturn(r, "ACCEPT", "ok", r.terms, new Uint8Array(), scene()),
  "stock.hold": (r) => core.stockHeld(r, "hold_1", scene(), { expires: later(7).now }),
  "payment.authorize": (r) =>
    core.guaranteeSet(
      r,
      { authorizationId: "aut_1", amount: { minor: 5000n, currency: "KRW" }, expires: later(30).now, shares: [] },
      scene(),
    ),
  "shipment.replace": (r) => core.reshipped(r, scene()),
  "refund.issue": refunded,
};

/** How what comes in is mixed up. */
export type Mix = {
  readonly random: () => number;
  /** In how many of a hundred cases something comes twice. */
  readonly doubled: number;
  readonly shuffled: boolean;
};

/** In the order in which it was told, each once. */
export const inOrder: Mix = { random: () => 0, doubled: 0, shuffled: false };

/** Brings facts, and the answers to what they make the resolution ask, until nothing is left to come. */
export function walked(start: Outcome, facts: readonly Told[], answers: Answers, mix: Mix): Resolution {
  const { random, doubled, shuffled } = mix;
  const waiting: Told[] = [];
  const comes = (one: Told) => {
    waiting.push(one);
    if (random() * 100 < doubled) waiting.push(one);
  };
  const answerTo = ({ steps }: Outcome) => steps.flatMap(({ step }) => answers[step] ?? []);
  // Answers come before the facts that were told, unless everything is mixed up.
  for (const one of [...answerTo(start), ...facts]) comes(one);
  let r = start.next;
  while (waiting.length > 0) {
    const [one] = waiting.splice(shuffled ? Math.floor(random() * waiting.length) : 0, 1) as [Told];
    const outcome = one(r);
    r = outcome.next;
    const asked = answerTo(outcome);
    if (shuffled) asked.forEach(comes);
    else waiting.unshift(...asked);
  }
  return r;
}
