// Turns requests away while the edge still can: at once, before a token is checked or a body read, so that what was let in
// is finished in time. Probes are always answered.
import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { Unavailable } from "#kit/errors.js";
import type { Log } from "#kit/log.js";
import { isTurnedAway, type Standing } from "./load.js";
import type { Route } from "./routes.js";

/** How much an edge takes on; 0 is any. */
export type Capacity = {
  /** Requests under way. */
  readonly inFlightMax: number;
  /** Open streams: they wait most of the time, and are counted apart. */
  readonly streamsMax: number;
  /** How much later than it should the event loop may come to anything. */
  readonly loopDelayMaxMs: number;
};

// One service that hangs holds what waits for it, and leaves room for the others' routes.
const serviceShare = 0.75;

/** Adds the watch over what is under way. */
export function shedLoad(app: FastifyInstance, { inFlightMax, streamsMax, loopDelayMaxMs }: Capacity, log: Log): void {
  const requests = openPool(inFlightMax, inFlightMax * serviceShare);
  const streams = openPool(streamsMax, 0);
  const loop = loopDelayMaxMs > 0 ? watchLoop() : undefined;
  const note = noteTurnedAway(log, () => ({ in_flight: requests.open(), loop_delay_ms: loop?.delayMs() }));
  app.addHook("onClose", (_app, done) => {
    loop?.stop();
    done();
  });
  app.addHook("onRequest", (request, reply, done) => {
    const { probe, route } = request.routeOptions.config ?? {};
    if (probe) return done();
    const pool = route?.streaming ? streams : requests;
    const service = route?.service ?? "";
    const load = { ...pool.load(service), loopDelayMs: loop?.delayMs() ?? 0, loopDelayMaxMs };
    if (isTurnedAway(standingOf(request, route), load)) {
      note();
      return done(overloaded());
    }
    pool.enter(service);
    reply.raw.once("close", () => pool.leave(service));
    done();
  });
}

function standingOf({ headers }: FastifyRequest, route: Route | undefined): Standing {
  if (!headers.authorization && !headers["webhook-signature"]) return "stranger";
  // A change of nothing in particular makes something new.
  return route && !route.readOnly && route.pathFields.length === 0 ? "begins" : "goesOn";
}

/** When to come back is spread, or all would at once. */
function overloaded(): Unavailable {
  const retryAfterMs = 1000 * (1 + Math.floor(Math.random() * 3));
  return new Unavailable("OVERLOADED", "too much is under way here now; try again", {}, retryAfterMs);
}

/** What was let in and not yet answered, in all and by service. */
function openPool(openMax: number, serviceMax: number) {
  const byService = new Map<string, number>();
  let open = 0;
  const openAt = (service: string) => byService.get(service) ?? 0;
  return {
    open: () => open,
    load: (service: string) => ({ open, openMax, openAtService: openAt(service), serviceMax }),
    enter: (service: string) => {
      open++;
      byService.set(service, openAt(service) + 1);
    },
    leave: (service: string) => {
      open--;
      byService.set(service, openAt(service) - 1);
    },
  };
}

const resolutionMs = 20;
const sampleMs = 100;

/** The mean delay of the event loop, of late: half of it is of the last tenth of a second. */
function watchLoop() {
  const histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  let delayMs = 0;
  const timer = setInterval(() => {
    if (histogram.count === 0) return;
    // What is measured is the time between two ticks, so its own interval is taken off.
    const sampled = Math.max(0, histogram.mean / 1e6 - resolutionMs);
    delayMs = (delayMs + sampled) / 2;
    histogram.reset();
  }, sampleMs).unref();
  return {
    delayMs: () => Math.round(delayMs),
    stop: () => {
      clearInterval(timer);
      histogram.disable();
    },
  };
}

/** One line a second, however many were turned away: a line each would be one more load. */
function noteTurnedAway(log: Log, state: () => object): () => void {
  let turnedAway = 0;
  return () => {
    turnedAway++;
    if (turnedAway > 1) return;
    setTimeout(() => {
      log.warn({ turned_away: turnedAway, ...state() }, "overloaded");
      turnedAway = 0;
    }, 1000).unref();
  };
}
