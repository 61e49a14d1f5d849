// Settings of the gateway: its own, those it shares by name with every service, and one address per domain of the routes.
import { isIP } from "node:net";
import { address, type Env, integer, oneOf, readConfig, type Setting, secret, text } from "#kit/config.js";
import { registry } from "#kit/contracts.js";
import { type TokenSettings, tokenSettings } from "#kit/issuers.js";
import { type TlsSettings, tlsSettings } from "#kit/tls.js";
import type { Quota } from "./bucket.js";
import { type Origins, parseOrigins } from "./cors.js";
import { parseQuota, type Rates } from "./rates.js";
import { buildRoutes, type Route } from "./routes.js";
import type { Capacity } from "./shed.js";
import { type EdgeTlsSettings, edgeTlsSettings } from "./tls.js";
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
  ...tlsSettings,
  ...edgeTlsSettings,
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
  reads: quota("RATE_READS", "requests/seconds of one caller that only read, or off", "6000/60"),
  writes: quota("RATE_WRITES", "requests/seconds of one caller that change something, or off", "1200/60"),
  webhooks: quota("RATE_WEBHOOKS", "reports/seconds of one carrier, or off", "30000/60"),
  anonymous: quota("RATE_ANONYMOUS", "requests/seconds of one address without a valid token, or off", "300/60"),
  inFlightMax: integer("IN_FLIGHT_MAX", "requests under way, beyond which new ones are turned away; 0 is any", {
    fallback: 256,
  }),
  streamsMax: integer("STREAMS_MAX", "open streams, beyond which new ones are turned away; 0 is any", {
    fallback: 5000,
  }),
  loopDelayMaxMs: integer(
    "LOOP_DELAY_MAX_MS",
    "delay of the event loop, beyond which requests are turned away; 0 is any",
    { fallback: 250 },
  ),
  trustedProxies: addresses(
    "TRUSTED_PROXIES",
    "addresses or networks of the proxies before this, comma between: their X-Forwarded-For says who asks",
  ),
  corsOrigins: corsOrigins("CORS_ORIGINS", "origins of web pages that may call, comma between, or *; none by default"),
  hstsSeconds: integer("HSTS_SECONDS", "how long browsers come by TLS only once they did; 0 says nothing of it", {
    fallback: 31_536_000,
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
      fallback: 250,
    },
  ),
  drainMs: integer("DRAIN_MS", "time a shutdown waits for requests under way", { fallback: 8_000 }),
  logLevel: oneOf("LOG_LEVEL", "how much is logged", ["debug", "info", "warn", "error", "silent"], "info"),
};

export type GatewayConfig = TokenSettings &
  TlsSettings &
  EdgeTlsSettings & {
    readonly host: string;
    readonly port: number;
    readonly meshSecret: string;
    readonly webhookSecrets: WebhookSecrets;
    readonly callDeadlineMs: number;
    readonly requestTimeoutMs: number;
    readonly bodyLimitBytes: number;
    readonly rates: Rates;
    readonly capacity: Capacity;
    readonly trustedProxies: readonly string[];
    readonly corsOrigins: Origins;
    readonly hstsSeconds: number;
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
  const domains = [...new Set([...routes, ...carrierRoutes].map(({ domain }) => domain))].filter((d) => d !== "");
  const wanted = Object.fromEntries(domains.map((domain) => [addressKey(domain), addressOf(domain)]));
  // Read together, so that all that is wrong is said at once.
  const values: ReturnType<typeof readConfig<typeof settings>> = readConfig(env, { ...settings, ...wanted });
  const found = values as unknown as Record<string, string>;
  const { reads, writes, webhooks, anonymous, inFlightMax, streamsMax, loopDelayMaxMs, ...others } = values;
  return {
    ...others,
    rates: { reads, writes, webhooks, anonymous },
    capacity: { inFlightMax, streamsMax, loopDelayMaxMs },
    routes,
    addresses: Object.fromEntries(domains.map((d) => [d, found[addressKey(d)] ?? ""])),
  };
}

const addressKey = (domain: string) => `${domain}Address`;

function addressOf(domain: string): Setting<string> {
  return address(`${domain.toUpperCase()}_ADDRESS`, `where the ${domain} service answers, host:port or a list of them`);
}

function webhookSecrets(name: string, about: string): Setting<WebhookSecrets> {
  return { name, about, fallback: new Map(), parse: parseSecrets };
}

function corsOrigins(name: string, about: string): Setting<Origins> {
  return { name, about, fallback: new Set(), parse: parseOrigins };
}

function quota(name: string, about: string, fallback: string): Setting<Quota | "off"> {
  return { name, about, fallback: parseQuota(fallback), parse: parseQuota };
}

function addresses(name: string, about: string): Setting<readonly string[]> {
  return {
    name,
    about,
    fallback: [],
    parse: (value) => {
      const found = value.split(",").map((one) => one.trim());
      const wrong = found.find((one) => !isNetwork(one));
      if (wrong !== undefined) throw new Error(`has "${wrong}", which is no address such as 10.0.0.0/8`);
      return found;
    },
  };
}

/** "10.0.0.7", "10.0.0.0/8", "fd00::/8". */
function isNetwork(text: string): boolean {
  const [, address = "", bits = "0"] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(address);
  return family !== 0 && Number(bits) <= (family === 4 ? 32 : 128);
}
