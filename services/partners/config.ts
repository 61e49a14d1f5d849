// Settings of the sandbox: every service's, and whom its carriers, its warehouse and its payment
// provider report to.
import { type Env, readConfig, type Setting, url } from "#kit/config.js";
import { addressOf, type ServiceConfig, serviceSettings } from "#kit/service.js";

export type PartnersConfig = ServiceConfig & {
  /** The edge that carriers report to; "" for no reports. */
  readonly gatewayUrl: string;
  /** Signs the carriers' reports. */
  readonly webhookSecret: Buffer;
  readonly inspectionAddress: string;
  readonly refundAddress: string;
};

/** @throws ConfigError that lists every missing or wrong setting */
export function readPartnersConfig(env: Env): PartnersConfig {
  return readConfig(env, {
    ...serviceSettings("partners", 7060),
    gatewayUrl: url("GATEWAY_URL", "the edge that carriers report to; empty for no reports", ["http:", "https:"], ""),
    webhookSecret,
    inspectionAddress: addressOf("inspection", 7054),
    refundAddress: addressOf("refund", 7055),
  });
}

/** One secret for all carriers of the sandbox; the edge must know it for each of them. */
const webhookSecret: Setting<Buffer> = {
  name: "WEBHOOK_SECRET",
  about:
    "what the sandbox's carriers sign with, whsec_ and 24 to 64 bytes in base64; WEBHOOK_SECRETS of the edge names it",
  fallback: undefined,
  parse: (text) => {
    const bytes = Buffer.from(/^whsec_([A-Za-z0-9+/]+=*)$/.exec(text)?.[1] ?? "", "base64");
    if (bytes.length < 24 || bytes.length > 64) throw new Error("is not whsec_ and 24 to 64 bytes in base64");
    return bytes;
  },
};
