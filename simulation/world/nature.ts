// Time and chance of this process, taken over while a simulation runs: whatever of it asks what time it is, waits, or
// draws, in our code or a library's, gets the simulation's answer, so that the same seed is the same story to the last byte.
// Whatever else goes on in the process meanwhile, a connection that is closing, a test that has ended, stays in the world.
import { AsyncLocalStorage } from "node:async_hooks";
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

/** What happens in it, and all that follows from that, is the simulation. */
const inside = new AsyncLocalStorage<true>();
const isInside = () => inside.getStore() === true;

/** Does the work with time and chance of the simulation; afterwards they are the world's again. */
export async function within<T>(nature: Nature, work: () => Promise<T>): Promise<T> {
  takeOver(nature);
  try {
    return await inside.run(true, work);
  } finally {
    giveBack();
  }
}

function takeOver(nature: Nature): void {
  const chance = chanceOf(nature.seed);
  const bytes = (size: number) => Buffer.from(Array.from({ length: size }, () => chance.below(256)));
  const now = () => (isInside() ? nature.nowMs() : real.Date.now());
  globalThis.Date = new Proxy(real.Date, {
    construct: (target, args, self) => Reflect.construct(target, args.length === 0 ? [now()] : args, self),
    get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
  });
  Math.random = () => (isInside() ? chance.below(2 ** 30) / 2 ** 30 : real.random());
  // What cores do in the background from time to time refreshes what a simulation never changes.
  globalThis.setInterval = either(() => still(), real.setInterval);
  globalThis.setTimeout = either((what: () => void, ms = 0) => timer(nature, what, ms), real.setTimeout);
  globalThis.setImmediate = either((what: () => void) => nature.after(0, what), afterPromises) as typeof setImmediate;
  globalThis.clearTimeout = ((handle?: NodeJS.Timeout & { cancel?: () => void }) =>
    handle?.cancel ? handle.cancel() : real.clearTimeout(handle)) as typeof clearTimeout;
  const wait = (ms = 0, value?: unknown) => new Promise((resolve) => nature.after(ms, () => resolve(value)));
  Object.assign(timers, { setTimeout: either(wait, real.wait) });
  Object.assign(crypto, {
    randomBytes: either(bytes, real.randomBytes),
    randomUUID: either(() => uuid(chance), real.randomUUID),
  });
  syncBuiltinESMExports();
  drawIdsFrom({ nowMs: now, randomBytes: bytes }, isInside);
}

// biome-ignore lint/suspicious/noExplicitAny: it has whatever type that has
function either<F extends (...args: any[]) => unknown>(ours: (...args: any[]) => unknown, theirs: F): F {
  return ((...args: unknown[]) => (isInside() ? ours(...args) : theirs(...args))) as F;
}

function giveBack(): void {
  globalThis.Date = real.Date;
  Math.random = real.random;
  globalThis.setTimeout = real.setTimeout;
  globalThis.setImmediate = afterPromises;
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
