// Which requests an edge that has too much to do turns away. Pure: what there is to do comes in, so that a table of cases can
// tell all there is to it.

/** What there is to do, and how much could be done; a maximum of 0 is not watched. */
export type Load = {
  /** Requests that were let in and have no answer yet. */
  readonly open: number;
  readonly openMax: number;
  /** Those of them that wait for the same service. */
  readonly openAtService: number;
  readonly serviceMax: number;
  /** How much later than it should the event loop comes to anything. */
  readonly loopDelayMs: number;
  readonly loopDelayMaxMs: number;
};

/** How much it matters that a request is answered now. */
export type Standing =
  /** Somebody with no token at all. */
  | "stranger"
  /** Begins something: it can begin as well in a minute, and everything that follows from it need not be done now. */
  | "begins"
  /** Goes on with something, or looks at it. */
  | "goesOn";

// At which part of what could be done a request is turned away. What is under way is finished last of all.
const turnedAwayAt: Readonly<Record<Standing, number>> = { stranger: 0.6, begins: 0.8, goesOn: 1 };

/** The share of what could be done that is taken up: 1 is all. The scarcest counts. */
export function pressureOf(load: Load): number {
  const { open, openMax, openAtService, serviceMax, loopDelayMs, loopDelayMaxMs } = load;
  return Math.max(part(open, openMax), part(openAtService, serviceMax), part(loopDelayMs, loopDelayMaxMs));
}

/** Whether a request of that standing is turned away. */
export function isTurnedAway(standing: Standing, load: Load): boolean {
  return pressureOf(load) >= turnedAwayAt[standing];
}

// A lap of the event loop is as late as all it holds; this much is not felt, and leaves a refusal its 50 ms.
const easyDelayMs = 15;
const narrows = 0.8;
/** Of the most: what an edge always lets in, for its loop may be late because the machine is busy with others. */
const least = 0.5;
const widens = 0.05;

/**
 * How many requests are let in from now on, at most: fewer each time the event loop is found late, more again when it is
 * not. What is let in and cannot be done yet makes everybody wait, also those who are to be turned away.
 */
export function nextOpenMax(openMax: number, most: number, loopDelayMs: number): number {
  const next = loopDelayMs > easyDelayMs ? openMax * narrows : openMax + most * widens;
  return Math.min(most, Math.max(most * least, next));
}

function part(there: number, most: number): number {
  return most > 0 ? there / most : 0;
}
