// Settings of the gateway: its own, those it shares by name with every service, and one address per domain of the routes.
import { address, type Env, integer, oneOf, readConfig, type Setting, secret, text } from "#kit/config.js";
import { registry } from "#kit/contracts.js";
import { type TokenSettings, tokenSettings } from "#kit/issuers.js";
import { buildRoutes, type Route } from "./routes.js";
import { carrierRoutes, parseSecrets, type WebhookSecrets } from "./webhooks.js";

const settings = {
  host: text("HOST", "interface to listen on", "127.0.0.1"),
  port: integer("PORT", "port of the REST edge; 0 takes a free one", { max: 65535, fallback: 8080 }),
  meshSecret: secret(
    "MESH_SECRET",
    "shared by all services of a mesh, signs the tokens they pass on; 32 characters",
    32,
  ),
  ...tokenSettings,
  webhookSecrets: webhookSecrets(
    "WEBHOOK_SECRETS",
    "carrier:whsec_<base64> pairs, comma between; none lets no carrier in",
  ),
  callDeadlineMs: integer("CALL_DEADLINE_MS", "time a service may take to answer", { min: 50, fallback: 10_000 }),
  requestTimeoutMs: integer("REQUEST_TIMEOUT_MS", "time a caller may take to send a request", {
    min: 100,
    fallback: 15_000,
  }),
  bodyLimitBytes: integer("BODY_LIMIT_BYTES", "size of the largest body that is read", {
    min: 1024,
    fallback: 256 * 1024,
  }),
  heartbeatMs: integer(
    "HEARTBEAT_MS",
    "between signs of life on a quiet event stream; less than any proxy's idle time",
    {
      min: 100,
      fallback: 15_000,
    },
  ),
  unreadyMs: integer(
    "UNREADY_MS",
    "between /readyz saying no and the port closing; more than the balancer's probe period",
    {
      fallback: 0,
    },
  ),
  drainMs: integer("DRAIN_MS", "time a shutdown waits for requests under way", { fallback: 8_000 }),
  logLevel: oneOf("LOG_LEVEL", "how much is logged", ["debug", "info", "warn", "error", "silent"], "info"),
};

export type GatewayConfig = TokenSettings & {
  readonly host: string;
  readonly port: number;
  readonly meshSecret: string;
  readonly webhookSecrets: WebhookSecrets;
  readonly callDeadlineMs: number;
  readonly requestTimeoutMs: number;
  readonly bodyLimitBytes: number;
  readonly heartbeatMs: number;
  readonly unreadyMs: number;
  readonly drainMs: number;
  readonly logLevel: "debug" | "info" | "warn" | "error" | "silent";
  /** What the contracts offer. */
  readonly routes: readonly Route[];
  /** Domain → gRPC target. */
  readonly addresses: Readonly<Record<string, string>>;
};

/**
 * Reads the settings, with REFUND_ADDRESS and its like for each domain that has a route.
 * @throws ConfigError that lists every missing or wrong setting
 */
export function readGatewayConfig(env: Env): GatewayConfig {
  const routes = buildRoutes(registry);
  const domains = [...new Set([...routes, ...carrierRoutes].map(({ domain }) => domain))];
  const wanted = Object.fromEntries(domains.map((domain) => [addressKey(domain), addressOf(domain)]));
  // Read together, so that all that is wrong is said at once.
  const values: ReturnType<typeof readConfig<typeof settings>> = readConfig(env, { ...settings, ...wanted });
  const found = values as unknown as Record<string, string>;
  return { ...values, routes, addresses: Object.fromEntries(domains.map((d) => [d, found[addressKey(d)] ?? ""])) };
}

const addressKey = (domain: string) => `${domain}Address`;

function addressOf(domain: string): Setting<string> {
  return address(`${domain.toUpperCase()}_ADDRESS`, `where the ${domain} service answers, host:port or a list of them`);
}

function webhookSecrets(name: string, about: string): Setting<WebhookSecrets> {
  return { name, about, fallback: new Map(), parse: parseSecrets };
}
