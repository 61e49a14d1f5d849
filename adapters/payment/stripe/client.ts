// Stripe's SDK, tamed: one request is one request, it ends in time, and nothing of it can take the process down.
import Stripe from "stripe";
import type { StripeConfig } from "../config.js";
import { type Fields, text, unreadable } from "../fields.js";
import { boundedFetch } from "../http.js";
import { ask } from "./errors.js";
import { pageOf } from "./shapes.js";

const pageSize = 100;

export function openClient(config: StripeConfig, timeoutMs: number): Stripe {
  const { protocol, hostname, port, pathname } = new URL(config.stripeBaseUrl);
  const prefix = pathname.replace(/\/$/, "");
  const bounded = boundedFetch({ timeoutMs, maxBytes: config.answerLimitBytes });
  // A base URL may have a path, which the SDK has no setting for.
  const prefixed: typeof fetch = (input, init) => {
    const url = new URL(String(input));
    url.pathname = prefix + url.pathname;
    return bounded(url, init);
  };
  return new Stripe(config.stripeApiKey, {
    apiVersion: config.stripeApiVersion as Stripe.LatestApiVersion,
    protocol: protocol === "http:" ? "http" : "https",
    host: hostname,
    port: port || (protocol === "http:" ? 80 : 443),
    httpClient: Stripe.createFetchHttpClient(prefixed),
    // Trying again is the caller's step: it looks the refund up first, waits longer each time and survives a restart.
    // The SDK would send the same request again at once, up to five seconds into the caller's deadline. Over Node's own
    // http client it does so once even at 0, when a connection breaks; over fetch it does not.
    maxNetworkRetries: 0,
    telemetry: false,
    timeout: timeoutMs * 2, // ours comes first
    appInfo: { name: "backhaul" },
  });
}

/** All items of a list, page after page: newest first, as Stripe gives them. */
export async function all(list: (page: Stripe.PaginationParams) => Promise<unknown>): Promise<Fields[]> {
  const items: Fields[] = [];
  for (let after: string | undefined; ; ) {
    const { data, more } = pageOf(await ask(() => list({ limit: pageSize, starting_after: after })));
    items.push(...data);
    if (!more) return items;
    const last = data.at(-1);
    if (!last) throw unreadable("has_more");
    after = text(last, "id");
  }
}
