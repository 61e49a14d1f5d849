// Turns requests away while the edge still can: at once, before a trace is begun, a token checked or a body read, so that
// what was let in is finished in time. Probes are always answered.
import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Log } from "#kit/log.js";
import { measure } from "#kit/telemetry.js";
import { type Origins, pageHeaders } from "./cors.js";
import type { Headers } from "./headers.js";
import { isTurnedAway, nextOpenMax, type Standing } from "./load.js";
import { routeName } from "./observe.js";
import type { Route } from "./routes.js";
import { turningAway } from "./turnedAway.js";

/** How much an edge takes on; 0 is any. */
export type Capacity = {
  /** Requests under way; fewer while the event loop is late. */
  readonly inFlightMax: number;
  /** Open streams: they wait most of the time, and are counted apart. */
  readonly streamsMax: number;
  /** How much later than it should the event loop may come to anything. */
  readonly loopDelayMaxMs: number;
};

// One service that hangs holds what waits for it, and leaves room for the others' routes.
const serviceShare = 0.75;

export type ShedOptions = {
  readonly capacity: Capacity;
  /** Of every answer. */
  readonly headers: Headers;
  readonly corsOrigins: Origins;
  readonly draining: AbortSignal;
  readonly log: Log;
};

/** Adds the watch over what is under way; the first of all hooks. */
export function shedLoad(app: FastifyInstance, { capacity, headers, corsOrigins, draining, log }: ShedOptions): void {
  const { inFlightMax, streamsMax, loopDelayMaxMs } = capacity;
  const requests = openPool(inFlightMax, serviceShare);
  const streams = openPool(streamsMax, 0);
  const turnAway = turningAway(headers);
  const loop =
    loopDelayMaxMs > 0
      ? watchLoop((delayMs) => requests.narrow(nextOpenMax(requests.openMax(), inFlightMax, delayMs)))
      : undefined;
  const note = noteTurnedAway(log, () => ({ in_flight: requests.open(), loop_delay_ms: loop?.delayMs() }));
  app.addHook("onClose", (_app, done) => {
    loop?.stop();
    done();
  });
  app.addHook("onRequest", (request, reply, done) => {
    const { probe, route } = request.routeOptions.config ?? {};
    // Browsers ask for leave before they ask; that is soon told, and a page is not told of a refusal of it.
    if (probe || request.method === "OPTIONS") return done();
    const pool = route?.streaming ? streams : requests;
    const service = route?.service ?? "";
    const load = { ...pool.load(service), loopDelayMs: loop?.delayMs() ?? 0, loopDelayMaxMs };
    if (isTurnedAway(standingOf(request, route), load)) {
      const startedAt = performance.now();
      note();
      reply.hijack();
      const closing: Headers = draining.aborted ? { connection: "close" } : {};
      const pages = pageHeaders(corsOrigins, request.headers.origin);
      turnAway(reply.raw, request.headers["accept-language"], { ...pages, ...closing });
      measure("edge", startedAt, { method: request.method, route: routeName(request), status: 503 });
      return;
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

/** What was let in and not yet answered, in all and by service. */
function openPool(most: number, serviceShare: number) {
  const byService = new Map<string, number>();
  let openMax = most;
  let open = 0;
  const openAt = (service: string) => byService.get(service) ?? 0;
  return {
    open: () => open,
    openMax: () => openMax,
    narrow: (max: number) => {
      openMax = max;
    },
    load: (service: string) => ({
      open,
      openMax,
      openAtService: openAt(service),
      serviceMax: openMax * serviceShare,
    }),
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

/** The mean delay of the event loop, of late: half of it is of the last tenth of a second, which `onSample` is told. */
function watchLoop(onSample: (delayMs: number) => void) {
  const histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  let delayMs = 0;
  const timer = setInterval(() => {
    if (histogram.count === 0) return;
    // What is measured is the time between two ticks, so its own interval is taken off.
    const sampled = Math.max(0, histogram.mean / 1e6 - resolutionMs);
    delayMs = (delayMs + sampled) / 2;
    onSample(sampled);
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
