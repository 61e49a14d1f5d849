// What an answer comes to: delivered, tried again and when, or dead. The waits are those of the Standard Webhooks
// specification (standard-webhooks, "Deliverability and reliability"): ten tries in three days.
import type { Answer, DisabledReason } from "./types.js";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const waitsMs = [
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
] as const;
/** So far a wait may be off either way, so that what failed together is not tried again together. */
const jitter = 0.1;
const longestRetryAfterMs = 24 * hour;
const busy: ReadonlySet<number> = new Set([429, 503]);

/** What became of a try. */
export type Verdict =
  | { readonly state: "DELIVERED" }
  | { readonly state: "DEAD" }
  | { readonly state: "PENDING"; readonly waitMs: number };

/**
 * What a try comes to.
 * @param tries of this delivery with this one
 * @param random in [0, 1)
 */
export function judge({ status, retryAfterMs }: Answer, tries: number, random: number): Verdict {
  if (status >= 200 && status < 300) return { state: "DELIVERED" };
  const wait = waitsMs[tries - 1];
  if (wait === undefined) return { state: "DEAD" };
  const waitMs = Math.round(wait * (1 - jitter + 2 * jitter * random));
  const asked = busy.has(status) ? Math.min(retryAfterMs ?? 0, longestRetryAfterMs) : 0;
  return { state: "PENDING", waitMs: Math.max(waitMs, asked) };
}

/** Why nothing more is to be sent after an answer; undefined as long as it is worth trying. */
export function disabledBy(
  { status }: Answer,
  failingSince: Date | undefined,
  now: Date,
  disableAfterMs: number,
): DisabledReason | undefined {
  if (status === 410) return "GONE";
  if (failingSince && now.getTime() - failingSince.getTime() >= disableAfterMs) return "FAILING";
  return undefined;
}
