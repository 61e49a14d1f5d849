// Toss Payments over HTTP. Source of paths and headers: https://docs.tosspayments.com/reference.
import type { TossConfig } from "../config.js";
import { object, textIfAny } from "../fields.js";
import { boundedFetch } from "../http.js";

/** An answer that is not 2xx, with Toss's code, e.g. NOT_CANCELABLE_AMOUNT. */
export class TossError extends Error {
  override readonly name = "TossError";

  constructor(
    readonly status: number,
    readonly code: string,
  ) {
    super(`${status} ${code}`);
  }
}

/** What the adapter asks of Toss; both throw NoAnswer or TossError. */
export type TossClient = {
  get(path: string, query?: Readonly<Record<string, string>>): Promise<unknown>;
  post(path: string, body: string, key: string): Promise<unknown>;
};

export function openClient(config: TossConfig, timeoutMs: number): TossClient {
  const base = config.tossBaseUrl.replace(/\/$/, "");
  const bounded = boundedFetch({ timeoutMs, maxBytes: config.answerLimitBytes });
  // The secret key is the user name, its password is empty.
  const authorization = `Basic ${Buffer.from(`${config.tossSecretKey}:`).toString("base64")}`;

  async function ask(path: string, init: RequestInit, headers: Record<string, string> = {}): Promise<unknown> {
    const response = await bounded(`${base}${path}`, { ...init, headers: { authorization, ...headers } });
    const answer: unknown = await response.json();
    if (response.ok) return answer;
    throw new TossError(response.status, textIfAny(object(answer, "error"), "code") || `http_${response.status}`);
  }

  return {
    get: (path, query = {}) => {
      const search = new URLSearchParams(query).toString();
      return ask(search ? `${path}?${search}` : path, { method: "GET" });
    },
    post: (path, body, key) =>
      ask(path, { method: "POST", body }, { "content-type": "application/json", "idempotency-key": key }),
  };
}
