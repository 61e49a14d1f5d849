// Time and chance of this process, taken over while a simulation runs: whatever asks what time it is, waits, or draws, in
// our code or a library's, gets the simulation's answer, so that the same seed is the same story to the last byte.
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import timers from "node:timers/promises";
import { drawIdsFrom } from "#kit/ids.js";
import { type Chance, chanceOf } from "../../prove/chance.js";

/** What the simulation says. */
export type Nature = {
  readonly nowMs: () => number;
  readonly seed: number;
  /** Has it done after so much virtual time. */
  readonly after: (ms: number, what: () => void) => void;
};

const real = {
  Date: globalThis.Date,
  random: Math.random,
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  wait: timers.setTimeout,
  randomBytes: crypto.randomBytes,
  randomUUID: crypto.randomUUID,
};
/** Taken before anything is replaced: the simulation itself lets every promise run before it goes on. */
const afterPromises = globalThis.setImmediate;

/** Resolves when no promise has anything left to do. */
export function settled(): Promise<void> {
  return new Promise((resolve) => afterPromises(resolve));
}

/** What was taken over until this is called belongs to the simulation; afterwards to the world again. */
export function takeOver(nature: Nature): () => void {
  const chance = chanceOf(nature.seed);
  const bytes = (size: number) => Buffer.from(Array.from({ length: size }, () => chance.below(256)));
  const now = () => nature.nowMs();
  globalThis.Date = new Proxy(real.Date, {
    construct: (target, args, self) => Reflect.construct(target, args.length === 0 ? [now()] : args, self),
    get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
  });
  Math.random = () => chance.below(2 ** 30) / 2 ** 30;
  // What cores do in the background from time to time refreshes what a simulation never changes.
  globalThis.setInterval = (() => still()) as unknown as typeof setInterval;
  globalThis.setTimeout = ((what: () => void, ms = 0) => timer(nature, what, ms)) as unknown as typeof setTimeout;
  globalThis.clearTimeout = ((handle?: { cancel?: () => void }) => handle?.cancel?.()) as typeof clearTimeout;
  const wait = (ms = 0, value?: unknown) => new Promise((resolve) => nature.after(ms, () => resolve(value)));
  Object.assign(timers, { setTimeout: wait });
  Object.assign(crypto, { randomBytes: bytes, randomUUID: () => uuid(chance) });
  syncBuiltinESMExports();
  drawIdsFrom({ nowMs: now, randomBytes: bytes });
  return giveBack;
}

function giveBack(): void {
  globalThis.Date = real.Date;
  Math.random = real.random;
  globalThis.setTimeout = real.setTimeout;
  globalThis.clearTimeout = real.clearTimeout;
  globalThis.setInterval = real.setInterval;
  Object.assign(timers, { setTimeout: real.wait });
  Object.assign(crypto, { randomBytes: real.randomBytes, randomUUID: real.randomUUID });
  syncBuiltinESMExports();
  drawIdsFrom();
}

function timer(nature: Nature, what: () => void, ms: number) {
  let canceled = false;
  nature.after(ms, () => {
    if (!canceled) what();
  });
  return {
    ...still(),
    cancel: () => {
      canceled = true;
    },
  };
}

function still() {
  const handle = { unref: () => handle, ref: () => handle, hasRef: () => false };
  return handle;
}

function uuid(chance: Chance): string {
  const hex = Array.from({ length: 32 }, () => chance.below(16).toString(16)).join("");
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5");
}
