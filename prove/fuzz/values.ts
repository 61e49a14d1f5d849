// What has broken readers of requests before: values for fields, and texts that look like JSON.
import type { Chance } from "../chance.js";

/** As JSON text, for some of them no literal can say. */
const classics: readonly string[] = [
  "null",
  "-1",
  "-0",
  "0.1",
  "1e400",
  "1e3",
  "9007199254740993",
  "2147483648",
  "-9223372036854775809",
  '"9223372036854775807"',
  '"18446744073709551616"',
  '"1e3"',
  '"0x10"',
  '"NaN"',
  '""',
  '" "',
  '"\\ud800"',
  '"\\u0000"',
  '"\\u202e\\u200b\\ufeff"',
  '"e\\u0301"',
  '"__proto__"',
  '"constructor"',
  '"; DROP TABLE resolution; --"',
  '"{{7*7}}<script>alert(1)</script>"',
  '"../../etc/passwd"',
  '"2026-02-30T00:00:00Z"',
  '"0001-01-01T00:00:00Z"',
  '"9999-12-31T23:59:59.999999999Z"',
  '"10000-01-01T00:00:00Z"',
  '"-1s"',
  '"315576000001s"',
  '{"currencyCode":"XXX","units":"1"}',
  '{"currencyCode":"KRW","units":"1","nanos":500000000}',
  '{"currencyCode":"KWD","units":"1","nanos":1}',
  '{"currencyCode":"GBP","units":"-5","nanos":5}',
  '{"currencyCode":"GBP","units":"9223372036854775807","nanos":999999999}',
  '{"@type":"type.googleapis.com/google.protobuf.Any","value":{}}',
  '"KIND_RETURN"',
  "true",
  "[]",
  "{}",
  "[[]]",
  "[null]",
];

/** One hostile value, as JSON text. */
export function hostileValue(chance: Chance): string {
  if (chance.percent(92)) return chance.pick(classics);
  const length = chance.pick([100, 1000, 20_000]);
  const unit = chance.pick(["x", "한", "\\u0000", "😀"]);
  if (chance.percent(50)) return `"${unit.repeat(length)}"`;
  return `[${Array(chance.pick([50, 500, 10_000]))
    .fill(chance.pick(classics))
    .join(",")}]`;
}

/** Puts hostile values into a body in some places, or breaks its text. */
export function spoiled(chance: Chance, body: unknown): string {
  let text = JSON.stringify(body);
  for (let places = chance.below(3); places > 0; places--) text = replaced(chance, text);
  return chance.percent(30) ? broken(chance, text) : text;
}

/** Another value behind one of the keys. */
function replaced(chance: Chance, text: string): string {
  const keys = [...text.matchAll(/"[A-Za-z_]+":/g)];
  if (keys.length === 0) return text;
  const key = chance.pick(keys);
  const start = key.index + key[0].length;
  const end = endOfValue(text, start);
  return text.slice(0, start) + hostileValue(chance) + text.slice(end);
}

function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const char = text[i] as string;
    if (char === '"') i = endOfString(text, i);
    else if ("{[".includes(char)) depth++;
    else if ("}]".includes(char)) {
      if (depth === 0) return i;
      depth--;
    } else if (char === "," && depth === 0) return i;
  }
  return text.length;
}

function endOfString(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
  return end;
}

function broken(chance: Chance, text: string): string {
  const at = chance.below(text.length + 1);
  const depth = chance.pick([31, 33, 1000, 40_000]);
  const ways: readonly (() => string)[] = [
    () => text.slice(0, at),
    () => text.slice(0, at) + String.fromCharCode(chance.below(256)) + text.slice(at),
    () => text.replace("{", '{"orderId":"a","orderId":"b",'),
    () => text.replace("{", '{"__proto__":{"role":"LEAD"},'),
    () => text.replace("{", `{${hostileValue(chance).replaceAll(/[{}[\]]/g, "")}:1,`),
    () => text + text,
    () => `\ufeff${text}`,
    () => "[".repeat(depth) + "]".repeat(depth),
    () => '{"lines":'.repeat(depth),
    () => hostileValue(chance),
    () => "",
  ];
  return chance.pick(ways)();
}
