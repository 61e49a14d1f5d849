// What every carrier's format comes to: reports of parcels, in the carrier's own codes.
import { DomainError } from "#kit/pure/check.js";

/** One report out of a carrier's message. */
export type Told = {
  /** Who carries the parcel, in the words of who speaks for several; undefined: who sent the message. */
  readonly carrier: string | undefined;
  readonly trackingNumber: string;
  /** The same for the same report sent again. */
  readonly eventId: string;
  readonly code: string;
  readonly time: Date;
};

/** How a carrier writes, and what it wants to read in return. */
export type Format = {
  /** @throws DomainError CARRIER_MESSAGE_UNREADABLE */
  readonly read: (content: string, carrier: string) => Told[];
  readonly acknowledgement: string;
};

export function unreadable(carrier: string, problem: string): DomainError {
  const message = `the message is not in the format on file for ${carrier}: ${problem}`;
  return new DomainError("CARRIER_MESSAGE_UNREADABLE", message, { carrier, problem });
}

/** A JSON object. @throws DomainError CARRIER_MESSAGE_UNREADABLE */
export function objectOf(content: string, carrier: string): Json {
  try {
    const value: unknown = JSON.parse(content);
    if (typeof value === "object" && value !== null) return value as Json;
  } catch {
    // Told below, as for any other text.
  }
  throw unreadable(carrier, "it is no JSON object");
}

/** JSON that nobody has looked into. */
export type Json = { readonly [key: string]: unknown };

/** What stands under a path of keys, if all of it is there. */
export function at(json: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Json | undefined | null)?.[key], json);
}

/** A text or a number as text. @throws DomainError CARRIER_MESSAGE_UNREADABLE */
export function textAt(json: unknown, carrier: string, ...path: readonly string[]): string {
  const value = at(json, ...path);
  if (typeof value === "number" || (typeof value === "string" && value !== "")) return `${value}`;
  throw unreadable(carrier, `${path.join(".")} is missing`);
}

/** A list, empty if there is none. */
export function listAt(json: unknown, ...path: readonly string[]): readonly unknown[] {
  const value = at(json, ...path);
  return Array.isArray(value) ? value : [];
}

/** A wall clock's time, e.g. "2026/11/24 10:15:00" in "+09:00". @throws DomainError CARRIER_MESSAGE_UNREADABLE */
export function wallTime(text: string, zone: string, carrier: string): Date {
  const [, year, month, day, time] = /^(\d{4})[-/](\d\d)[-/](\d\d)[ T](\d\d:\d\d:\d\d)/.exec(text) ?? [];
  const instant = new Date(`${year}-${month}-${day}T${time}${zone}`);
  if (Number.isNaN(instant.getTime())) throw unreadable(carrier, `"${text.slice(0, 40)}" is no time`);
  return instant;
}

/** An id for a report whose carrier gives none: a code is told of a parcel once at a time. Visible ASCII, whatever the code. */
export function eventIdOf(format: string, code: string, time: Date): string {
  const plain = code.replace(/[^\x21-\x7e]/g, (letter) => `~${letter.charCodeAt(0).toString(16)}`);
  return `${format}:${plain.slice(0, 80)}@${time.toISOString()}`;
}
