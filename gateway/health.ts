// Whether the process lives, and whether it is worth sending requests to.
import type { FastifyInstance, FastifyReply } from "fastify";
import { drainingEdge } from "./stream.js";
import type { Upstream } from "./upstream.js";

const waitMs = 500;

/**
 * GET /healthz: it answers, so it lives; never asks anybody else, or one lost service would have every edge restarted.
 * GET /readyz: not before every service has been reached once, and then as long as any can be: with one of them gone the
 * others' routes are still worth having, and each request to the one says 503 by itself. Not while shutting down.
 */
export function addHealth(app: FastifyInstance, upstream: Upstream, draining: AbortSignal): void {
  let reachedAll = false;
  app.get("/healthz", { config: { probe: true } }, (_request, reply) => sendJson(reply, 200, { status: "ok" }));
  app.get("/readyz", { config: { probe: true } }, async (_request, reply) => {
    if (draining.aborted) throw drainingEdge();
    const services = await upstream.reachable(waitMs);
    const states = Object.values(services);
    reachedAll ||= states.every(Boolean);
    const ready = reachedAll && states.some(Boolean);
    return sendJson(reply, ready ? 200 : 503, { status: ready ? "ready" : "waiting", services });
  });
}

function sendJson(reply: FastifyReply, code: number, json: unknown): FastifyReply {
  return reply.code(code).type("application/json; charset=utf-8").send(JSON.stringify(json));
}
