// Settings of the adapter: those it shares by name with every service, and those of the one provider it speaks to.
import { type Env, integer, oneOf, readConfig, type Setting, secret, text, url } from "#kit/config.js";
import { type TokenSettings, tokenSettings } from "#kit/issuers.js";
import { type TlsSettings, tlsSettings } from "#kit/tls.js";

const settings = {
  host: text("HOST", "interface to listen on", "127.0.0.1"),
  port: integer("PORT", "port of the payment contract; 0 takes a free one", { max: 65535, fallback: 7070 }),
  meshSecret: secret(
    "MESH_SECRET",
    "shared by all services of a mesh, signs the tokens they pass on; 32 characters",
    32,
  ),
  ...tokenSettings,
  ...tlsSettings,
  drainMs: integer("DRAIN_MS", "time a shutdown waits for calls under way", { fallback: 15_000 }),
  reflection: oneOf("REFLECTION", "whether grpcurl may list the contracts", ["on", "off"], "on"),
  logLevel: oneOf("LOG_LEVEL", "how much is logged", ["debug", "info", "warn", "error", "silent"], "info"),
  provider: oneOf("PROVIDER", "which provider is spoken to: stripe or toss", ["stripe", "toss"]),
  requestTimeoutMs: integer(
    "REQUEST_TIMEOUT_MS",
    "time one request to the provider may take; a refund makes two in a row, and the caller's deadline must hold both",
    { min: 50, fallback: 6_000 },
  ),
  statementTimeoutMs: integer("STATEMENT_TIMEOUT_MS", "the same for a page of the provider's statement", {
    min: 50,
    fallback: 60_000,
  }),
  answerLimitBytes: integer("ANSWER_LIMIT_BYTES", "size of the largest answer that is read from the provider", {
    min: 1024,
    fallback: 8 * 1024 * 1024,
  }),
  statementDays: integer("STATEMENT_DAYS", "how far back the statement begins when a caller does not say", {
    min: 1,
    fallback: 400,
  }),
};

const stripeSettings = {
  stripeApiKey: secret("STRIPE_API_KEY", "a secret or restricted key of the Stripe account, sk_… or rk_…", 16),
  stripeBaseUrl: url(
    "STRIPE_BASE_URL",
    "Stripe, or what stands in for it",
    ["https:", "http:"],
    "https://api.stripe.com",
  ),
  stripeApiVersion: pattern(
    "STRIPE_API_VERSION",
    "the version of Stripe's API every request asks for, so that an upgrade in the dashboard changes nothing here",
    /^\d{4}-\d{2}-\d{2}(\.[a-z]+)?$/,
    "2026-10-28.endive",
  ),
};

const tossSettings = {
  tossSecretKey: secret("TOSS_SECRET_KEY", "the shop's secret key at Toss Payments, test_sk_… or live_sk_…", 16),
  tossBaseUrl: url(
    "TOSS_BASE_URL",
    "Toss Payments, or what stands in for it",
    ["https:", "http:"],
    "https://api.tosspayments.com",
  ),
  tossSpacingMs: integer("TOSS_SPACING_MS", "between two cancels of one payment; Toss drops the second of a second", {
    fallback: 1_100,
  }),
  accountSealKeys: sealKeys(
    "ACCOUNT_SEAL_KEY",
    "32 bytes in base64 that seal bank accounts into tokens; more after commas still open older tokens",
  ),
};

/** What every adapter has. */
export type CommonConfig = TokenSettings &
  TlsSettings & {
    readonly host: string;
    readonly port: number;
    readonly meshSecret: string;
    readonly drainMs: number;
    readonly reflection: "on" | "off";
    readonly logLevel: "debug" | "info" | "warn" | "error" | "silent";
    readonly requestTimeoutMs: number;
    readonly statementTimeoutMs: number;
    readonly answerLimitBytes: number;
    readonly statementDays: number;
  };

export type StripeConfig = CommonConfig & {
  readonly provider: "stripe";
  readonly stripeApiKey: string;
  readonly stripeBaseUrl: string;
  readonly stripeApiVersion: string;
};

export type TossConfig = CommonConfig & {
  readonly provider: "toss";
  readonly tossSecretKey: string;
  readonly tossBaseUrl: string;
  readonly tossSpacingMs: number;
  /** The first seals; all of them open. */
  readonly accountSealKeys: readonly Buffer[];
};

export type PaymentAdapterConfig = StripeConfig | TossConfig;

/** @throws ConfigError that lists every missing or wrong setting: the common ones, and those of the provider named */
export function readPaymentAdapterConfig(env: Env): PaymentAdapterConfig {
  if (env.PROVIDER === "stripe") return { ...readConfig(env, { ...settings, ...stripeSettings }), provider: "stripe" };
  if (env.PROVIDER === "toss") return { ...readConfig(env, { ...settings, ...tossSettings }), provider: "toss" };
  readConfig(env, settings);
  throw new Error("unreachable: PROVIDER is missing or wrong, and readConfig says so");
}

function pattern(name: string, about: string, grammar: RegExp, fallback: string): Setting<string> {
  return {
    name,
    about,
    fallback,
    parse: (value) => {
      if (!grammar.test(value)) throw new Error(`does not look like ${fallback}`);
      return value;
    },
  };
}

function sealKeys(name: string, about: string): Setting<readonly Buffer[]> {
  return {
    name,
    about,
    fallback: undefined,
    parse: (value) =>
      value.split(",").map((part) => {
        const key = Buffer.from(part.trim(), "base64");
        if (key.length !== 32) throw new Error("is not 32 bytes in base64, or a list of such");
        return key;
      }),
  };
}
