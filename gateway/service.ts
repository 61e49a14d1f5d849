// The gateway, put together.
import { setTimeout as sleep } from "node:timers/promises";
import { createMinter, createVerifier } from "#kit/access.js";
import { realClock } from "#kit/clock.js";
import { createLog } from "#kit/log.js";
import { createDoor } from "./auth.js";
import type { GatewayConfig } from "./config.js";
import { createEdge } from "./edge.js";
import { addHealth } from "./health.js";
import { addDocs } from "./openapi/serve.js";
import { createPageTokens } from "./pageTokens.js";
import { createCounter } from "./rates.js";
import { openUpstream } from "./upstream.js";
import { addWebhooks, carrierRoutes } from "./webhooks.js";

/**
 * Starts answering. It does not wait for the services: /readyz does.
 * @throws Error if the port is taken or the keys of the issuer cannot be read
 */
export async function start(config: GatewayConfig): Promise<{ port: number; stop(): Promise<void> }> {
  const { routes, addresses } = config;
  const log = createLog("gateway", config.logLevel);
  const draining = new AbortController();
  const verify = createVerifier(config, config.meshSecret);
  const door = createDoor(verify, createMinter("gateway", config.meshSecret));
  const counter = createCounter(config.rates);
  const upstream = openUpstream([...routes, ...carrierRoutes], { addresses, deadlineMs: config.callDeadlineMs });

  const pageTokens = createPageTokens(config.meshSecret);
  const app = createEdge({ ...config, upstream, door, counter, pageTokens, log, draining: draining.signal });
  const nowMs = () => realClock.now().getTime();
  addWebhooks(app, { secrets: config.webhookSecrets, door, counter, upstream, nowMs });
  addHealth(app, upstream, draining.signal);
  addDocs(app, routes);
  const port = Number(new URL(await app.listen({ host: config.host, port: config.port })).port);
  log.info({ port, routes: routes.length }, "serving");

  return {
    port,
    stop: async () => {
      draining.abort(); // not ready; streams end, and their readers go on at another replica
      await sleep(config.unreadyMs);
      const force = setTimeout(() => app.server.closeAllConnections(), config.drainMs);
      await app.close();
      clearTimeout(force);
      upstream.close();
      log.info({}, "stopped");
    },
  };
}
