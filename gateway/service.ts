// The gateway, put together.
import { setTimeout as sleep } from "node:timers/promises";
import type { Server as TlsServer } from "node:tls";
import { createMinter } from "#kit/access.js";
import { realClock } from "#kit/clock.js";
import { createLog } from "#kit/log.js";
import type { Run } from "#kit/main.js";
import { openIdentity } from "#kit/tls.js";
import { createDoor } from "./auth.js";
import type { GatewayConfig } from "./config.js";
import { createEdge } from "./edge.js";
import { stranger } from "./guests.js";
import { addHealth } from "./health.js";
import { openIdentify } from "./identify.js";
import { addDocs } from "./openapi/serve.js";
import { createPageTokens } from "./pageTokens.js";
import { createCounter, networkOf } from "./rates.js";
import { openEdgeTls } from "./tls.js";
import { openUpstream } from "./upstream.js";
import { addWebhooks, carrierRoutes } from "./webhooks.js";

/**
 * Starts answering. It does not wait for the services: /readyz does.
 * @throws Error if the port is taken or the keys of the issuer cannot be read
 */
export async function start(config: GatewayConfig): Promise<Run> {
  const { routes, addresses } = config;
  const log = createLog("gateway", config.logLevel);
  const draining = new AbortController();
  const { meshSecret } = config;
  const own = openIdentity(config, log);
  const callers = openIdentify({ ...config, address: addresses.resolution ?? "", identity: own });
  const door = createDoor(callers.identify, createMinter("gateway", meshSecret), (address) =>
    stranger(networkOf(address), meshSecret),
  );
  const counter = createCounter(config.rates);
  const tls = openEdgeTls(config, log);
  const deadlineMs = config.callDeadlineMs;
  const upstream = openUpstream([...routes, ...carrierRoutes], { addresses, deadlineMs, identity: own });

  const pageTokens = createPageTokens(meshSecret);
  const app = createEdge({ ...config, tls, upstream, door, counter, pageTokens, log, draining: draining.signal });
  const nowMs = () => realClock.now().getTime();
  addWebhooks(app, { secrets: config.webhookSecrets, door, counter, upstream, nowMs });
  addHealth(app, upstream, draining.signal);
  addDocs(app, routes);
  tls?.renew(app.server as unknown as TlsServer);
  const port = Number(new URL(await app.listen({ host: config.host, port: config.port })).port);
  log.info({ port, routes: routes.length }, "serving");

  return {
    port,
    // Its own /readyz says which services it reaches; each request to one that is away says so by itself.
    conditions: () => ({ ready: !draining.signal.aborted, parts: {} }),
    stop: async () => {
      draining.abort(); // not ready; streams end, and their readers go on at another replica
      await sleep(config.unreadyMs);
      const force = setTimeout(() => app.server.closeAllConnections(), config.drainMs);
      await app.close();
      clearTimeout(force);
      upstream.close();
      tls?.close();
      own?.close();
      callers.close();
      log.info({}, "stopped");
    },
  };
}
