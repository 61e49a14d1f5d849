// Core values as jsonb: money's bigint and dates survive the way there and back.

const isoInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** A core value as JSON text; a bigint becomes a string of digits. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, part) => (typeof part === "bigint" ? part.toString() : part));
}

/** A core value from jsonb: `{ minor, currency }` is money again, an ISO instant a Date. */
export function fromJson<T>(value: unknown): T {
  return revive(value) as T;
}

function revive(value: unknown): unknown {
  if (typeof value === "string") return isoInstant.test(value) ? new Date(value) : value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(revive);
  const entries = Object.entries(value).map(([key, part]) => [key, revive(part)]);
  const object = Object.fromEntries(entries);
  if (typeof object.minor === "string" && typeof object.currency === "string") object.minor = BigInt(object.minor);
  return object;
}
