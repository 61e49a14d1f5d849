// A contract's field rules at the door: the same bytes are read once for the rules and once for the handler.

import { create, type DescMessage, type DescMethod, fromBinary, type Message } from "@bufbuild/protobuf";
import {
  isReflectList,
  isReflectMap,
  isReflectMessage,
  type ReflectMessage,
  reflect,
} from "@bufbuild/protobuf/reflect";
import { type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { createValidator } from "@bufbuild/protovalidate";
import { registry } from "#kit/contracts.js";
import { InvalidRequest } from "#kit/errors.js";
import { DomainError } from "#kit/pure/check.js";

const validator = createValidator({ registry });
// Of a large request only the first broken rule is looked for: to find each of a hundred thousand would take seconds, in
// which nobody else is answered.
const hasty = createValidator({ registry, failFast: true });
const largeBytes = 2048;

/** What came in: the request, or why it is none. An error thrown while gRPC reads a message would lose its reason. */
export type Received<Q> = { readonly request: Q } | { readonly error: DomainError };

/** Reads a request of this method; garbage and broken rules come out as an error to answer with. */
export function receiver<Q>(method: DescMethod, decode: (bytes: Buffer) => Q): (bytes: Buffer) => Received<Q> {
  // Rules are made ready by their first use, the first of all in a fifth of a second: not while somebody waits.
  const fullest = filled(method.input);
  for (const rules of [validator, hasty]) rules.validate(method.input, fullest);
  const takesTimes = oddIn(reflect(method.input, fullest), isTime) !== undefined;
  return (bytes) => {
    try {
      const rules = bytes.length > largeBytes ? hasty : validator;
      const message = fromBinary(method.input, bytes);
      const result = rules.validate(method.input, message);
      if (result.kind === "invalid") {
        const violations = result.violations.map((v) => ({ field: pathOf(v.field), description: v.message }));
        return { error: new InvalidRequest(violations) };
      }
      if (result.kind === "error") throw result.error;
      // A byte of zero is rare on the wire, and a time in few requests: nobody else pays for the look.
      const odd = (takesTimes || bytes.includes(0)) && oddIn(reflect(method.input, message), oddity);
      if (odd) return { error: new InvalidRequest([odd]) };
      return { request: decode(bytes) };
    } catch (error) {
      return { error: malformed(method, error) };
    }
  };
}

/** What a rule of the contract need not say, as it holds for every value of its kind. */
function oddity(value: unknown): string | undefined {
  // No database keeps it and no terminal shows it.
  if (typeof value === "string") return value.includes("\0") ? "must not contain NUL" : undefined;
  return isTime(value) && !isTellable(value.message as Timestamp) ? "must lie between 1970 and 9999" : undefined;
}

const isTime = (value: unknown): value is ReflectMessage => isReflectMessage(value, TimestampSchema);

/** To a thousandth of a second, as times are kept; the last of 9999 would be rounded into a year that has no JSON. */
function isTellable({ seconds, nanos }: Timestamp): boolean {
  return seconds >= 0n && (seconds < lastSecond || (seconds === lastSecond && nanos <= 999_000_000));
}
const lastSecond = 253_402_300_799n;

type Oddity<T> = (value: unknown) => T | undefined;

/** The first value of which `odd` says something, by its path; undefined if there is none. */
function oddIn<T>(message: ReflectMessage, odd: Oddity<T>, path = ""): { field: string; description: T } | undefined {
  for (const field of message.fields) {
    if (!message.isSet(field)) continue;
    const where = `${path}${field.name}`;
    const value = message.get(field);
    const parts: [unknown, string][] = isReflectList(value)
      ? [...value].map((one, index) => [one, `${where}[${index}]`])
      : isReflectMap(value)
        ? [...value].flatMap(([key, one]) => [
            [key, where],
            [one, `${where}[${String(key)}]`],
          ])
        : [[value, where]];
    for (const [one, name] of parts) {
      const description = odd(one);
      if (description) return { field: name, description };
      const inside = isReflectMessage(one) && oddIn(one, odd, `${name}.`);
      if (inside) return inside;
    }
  }
  return undefined;
}

// Messages that hold themselves have an end here.
const deepest = 4;

/** A message with every message field set, so that all of its rules are met. */
function filled(message: DescMessage, depth = 0): Message {
  const fields = message.fields.filter((field) => field.message && field.fieldKind !== "map" && depth < deepest);
  const values = fields.map((field) => {
    const one = filled(field.message as DescMessage, depth + 1);
    if (field.oneof) return [field.oneof.localName, { case: field.localName, value: one }];
    return [field.localName, field.fieldKind === "list" ? [one] : one];
  });
  return create(message, Object.fromEntries(values));
}

function malformed(method: DescMethod, error: unknown): DomainError {
  const what = error instanceof Error ? error.message : "unreadable";
  return new DomainError("MALFORMED_BODY", `not a ${method.input.name}: ${what}`, { message: method.input.typeName });
}

/** "lines[0].quantity" from the descriptor path of a violation. */
function pathOf(path: readonly { kind: string; name?: string; index?: number; key?: unknown }[]): string {
  return path
    .map((part) => {
      if (part.kind === "list_sub") return `[${part.index}]`;
      if (part.kind === "map_sub") return `[${String(part.key)}]`;
      return `.${part.name}`;
    })
    .join("")
    .replace(/^\./, "");
}
