// JSON from outside, read without mercy. What JSON.parse does silently changes what was asked: of `{"amount":1,
// "amount":100}` it keeps the last, and 9007199254740993 becomes …992. Both are refused here, on the raw text.
import { isUtf8 } from "node:buffer";
import type { JsonValue } from "@bufbuild/protobuf";
import { DomainError } from "#kit/pure/check.js";

/** Deeper than any message of the contracts, and far from what would trouble a recursive reader. */
export const deepest = 32;

const quote = 34;
const comma = 44;
const backslash = 92;
const openBracket = 91;
const closeBracket = 93;
const openBrace = 123;
const closeBrace = 125;

// The longest run of digits that a double always keeps.
const exactDigits = 15;

// From here on no integer field takes it, and a field of doubles loses nothing.
const pastInt64 = 2 ** 64;

/**
 * Reads a body.
 * @throws DomainError MALFORMED_BODY if it is not JSON, says a key twice, nests too deep, or holds a number that would be
 * rounded
 */
export function parseStrictJson(body: Buffer): JsonValue {
  if (!isUtf8(body)) throw malformed("the body is not UTF-8");
  const text = body.toString("utf8");
  scan(text);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw malformed(`the body is not JSON: ${(error as SyntaxError).message}`);
  }
}

/** One pass over the text. It trusts nothing but may overlook broken syntax, which JSON.parse then finds. */
function scan(text: string): void {
  const open: (Set<string> | undefined)[] = []; // the keys of each open object; an array has none
  let keys: Set<string> | undefined;
  let keyNext = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === quote) {
      const end = endOfString(text, i);
      if (keyNext && keys) addKey(keys, text.slice(i, end + 1));
      keyNext = false;
      i = end;
    } else if (char === openBrace || char === openBracket) {
      if (open.length === deepest) throw malformed(`the body nests deeper than ${deepest} levels`);
      keys = char === openBrace ? new Set() : undefined;
      keyNext = keys !== undefined;
      open.push(keys);
    } else if (char === closeBrace || char === closeBracket) {
      open.pop();
      keys = open.at(-1);
    } else if (char === comma) {
      keyNext = keys !== undefined;
    } else if (isDigit(char)) {
      i = endOfNumber(text, i);
    }
  }
}

/** Where the string that begins here ends; past the end of the text if it does not. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes++;
    if (slashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}

function addKey(keys: Set<string>, quoted: string): void {
  const key = quoted.includes("\\") ? unescaped(quoted) : quoted.slice(1, -1);
  if (keys.has(key)) throw malformed(`"${shorten(key)}" stands twice in one object`, { field: shorten(key) });
  keys.add(key);
}

function unescaped(quoted: string): string {
  try {
    return JSON.parse(quoted);
  } catch {
    return quoted; // a broken escape; JSON.parse says so with its position
  }
}

/** The last index of the number that begins here, which a double must be able to hold. */
function endOfNumber(text: string, start: number): number {
  let end = start + 1;
  while (inNumber(text.charCodeAt(end))) end++;
  if (end - start > exactDigits) {
    const number = text.slice(start, end);
    const size = Math.abs(Number(number));
    if (size > Number.MAX_SAFE_INTEGER && size < pastInt64) {
      throw malformed(`the number ${shorten(number)} would be rounded: send it as a string`);
    }
  }
  return end - 1;
}

function isDigit(char: number): boolean {
  return char >= 48 && char <= 57;
}

/** A digit or one of `+ - . E e`. */
function inNumber(char: number): boolean {
  return isDigit(char) || char === 43 || char === 45 || char === 46 || char === 69 || char === 101;
}

/** The refusal of a body. */
export function malformed(message: string, metadata: Record<string, string> = {}): DomainError {
  return new DomainError("MALFORMED_BODY", shorten(message, 300), metadata);
}

/** What a caller sent is repeated to them only so far. */
export function shorten(text: string, most = 60): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
