// Reading somebody else's JSON field by field. What is not as their documents say is no answer: it is better to look
// again than to book a refund of undefined.
import { NoAnswer } from "./http.js";

export type Fields = Readonly<Record<string, unknown>>;

/** @throws NoAnswer */
export function object(value: unknown, what: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw unreadable(what);
}

/** @throws NoAnswer */
export function array(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw unreadable(what);
}

/** Text that is there. @throws NoAnswer */
export function text(from: Fields, field: string): string {
  const value = from[field];
  if (typeof value === "string" && value !== "") return value;
  throw unreadable(field);
}

/** Text, or "" where there is none. */
export function textIfAny(from: Fields, field: string): string {
  const value = from[field];
  return typeof value === "string" ? value : "";
}

/** An object's fields, or none where it is null, absent or only an id. */
export function objectIfAny(from: Fields, field: string): Fields {
  const value = from[field];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** The id of what a field names: Stripe puts the id there, or the whole object where it was expanded. */
export function idIfAny(from: Fields, field: string): string {
  return textIfAny(from, field) || textIfAny(objectIfAny(from, field), "id");
}

/** A number that a double holds exactly. @throws NoAnswer */
export function whole(from: Fields, field: string): number {
  const value = from[field];
  if (Number.isSafeInteger(value)) return value as number;
  throw unreadable(field);
}

/** A moment in ISO 8601 with its offset. @throws NoAnswer */
export function moment(from: Fields, field: string): Date {
  const time = new Date(text(from, field));
  if (/(Z|[+-]\d\d:\d\d)$/.test(text(from, field)) && !Number.isNaN(time.getTime())) return time;
  throw unreadable(field);
}

export function unreadable(what: string): NoAnswer {
  return new NoAnswer(`unreadable_${what}`);
}
