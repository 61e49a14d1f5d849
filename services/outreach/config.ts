// Settings of the outreach service: every service's, its keys, where webhooks may go, and how patient it is.
import { type Env, integer, oneOf, readConfig, type Setting } from "#kit/config.js";
import { type Keyring, keyringSetting } from "#kit/sealing.js";
import { addressOf, type ServiceConfig, serviceSettings } from "#kit/service.js";
import type { Quiet } from "./core/quiet.js";
import { quietHours } from "./hours.js";

export type OutreachConfig = ServiceConfig & {
  readonly resolutionAddress: string;
  readonly webhookKeys: Keyring;
  readonly webhookReach: "public" | "local";
  readonly webhookPorts: readonly number[];
  readonly webhookTimeoutMs: number;
  /** Requests under way to one subscriber, to all of one seller, and in all from one process. */
  readonly webhookPerSubscription: number;
  readonly webhookPerSeller: number;
  readonly webhookAtOnce: number;
  readonly webhookDisableAfterMs: number;
  readonly webhookRetentionDays: number;
  readonly webhookSubscriptionsMax: number;
  readonly formerSecretMs: number;
  readonly notificationAddress: string;
  readonly notices: "on" | "off";
  readonly quietHours: ReadonlyMap<string, Quiet>;
  readonly noticeRetentionDays: number;
};

const hour = 3_600_000;

/** @throws ConfigError that lists every missing or wrong setting */
export function readOutreachConfig(env: Env): OutreachConfig {
  return readConfig(env, {
    ...serviceSettings("outreach", 7058),
    resolutionAddress: addressOf("resolution", 7052),
    webhookKeys: keyringSetting("WEBHOOK_KEYS", "seals subscribers' secrets"),
    webhookReach: oneOf<"public" | "local">(
      "WEBHOOK_REACH",
      "where webhooks may go: the public internet, or also this machine and without TLS, for development",
      ["public", "local"],
      "public",
    ),
    webhookPorts: ports("WEBHOOK_PORTS", "ports that webhooks may go to, comma between", [443, 8443]),
    webhookTimeoutMs: integer("WEBHOOK_TIMEOUT_MS", "time a subscriber may take to answer", {
      min: 100,
      max: 30_000,
      fallback: 15_000,
    }),
    webhookPerSubscription: integer("WEBHOOK_PER_SUBSCRIPTION", "requests under way to one subscriber", {
      min: 1,
      fallback: 4,
    }),
    webhookPerSeller: integer("WEBHOOK_PER_SELLER", "requests under way to all subscribers of one seller", {
      min: 1,
      fallback: 8,
    }),
    webhookAtOnce: integer("WEBHOOK_AT_ONCE", "requests under way from one process", { min: 1, fallback: 64 }),
    webhookDisableAfterMs: integer(
      "WEBHOOK_DISABLE_AFTER_MS",
      "time in which nothing was delivered though it was tried, after which a subscription is stopped",
      { min: 1000, fallback: 5 * 24 * hour },
    ),
    webhookRetentionDays: integer("WEBHOOK_RETENTION_DAYS", "days that the delivery log is kept", {
      min: 4,
      fallback: 30,
    }),
    webhookSubscriptionsMax: integer("WEBHOOK_SUBSCRIPTIONS_MAX", "subscriptions of one seller, and of the shop", {
      min: 1,
      fallback: 50,
    }),
    formerSecretMs: integer("WEBHOOK_FORMER_SECRET_MS", "time that a secret signs on after it was rotated", {
      fallback: 24 * hour,
    }),
    notificationAddress: addressOf("notification", 7060),
    notices: oneOf<"on" | "off">("NOTICES", "whether customers are told of each step", ["on", "off"], "on"),
    noticeRetentionDays: integer("NOTICE_RETENTION_DAYS", "days that it is kept what a customer was told", {
      min: 1,
      fallback: 400,
    }),
    quietHours: quietHours(
      "QUIET_HOURS",
      "hours in which customers are left alone: market=HH:MM-HH:MM, local time; or off",
    ),
  });
}

function ports(name: string, about: string, fallback: readonly number[]): Setting<readonly number[]> {
  return {
    name,
    about,
    fallback,
    parse: (text) =>
      text.split(",").map((part) => {
        const port = Number(part);
        if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Error("is not a list of ports");
        return port;
      }),
  };
}
