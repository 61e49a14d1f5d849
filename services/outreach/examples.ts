// What templates are tried with: one resolution as its customers would read it.
import { Resolution } from "#gen/backhaul/resolution/v1/resolution.js";
import { valuesOf } from "./core/values.js";
import { languages, type Values } from "./core/words.js";

const day = (date: string) => new Date(`${date}T03:00:00Z`);
const example = Resolution.fromPartial({
  orderId: "581587",
  lines: [
    { lineId: "l-1", title: "Mug & saucer <blue>", quantity: 2, rejected: 1, missing: 1 },
    { lineId: "l-2", title: "Tea towel", quantity: 1 },
  ],
  refunded: { currencyCode: "KRW", units: 47_000n, nanos: 0 },
  deadlines: [{ step: "handover", dueTime: day("2026-12-07") }],
});

/** The values of the example, as they are read somewhere. */
export function exampleValues(language: string, timeZone: string): Values {
  const given = {
    reason: "The time to send it back is over.",
    days: "3",
    from: day("2026-11-25"),
    to: new Date("2026-11-25T05:00:00Z"),
  };
  return valuesOf(example, given, { language, timeZone });
}

/** In every language. */
export const examples: Readonly<Record<string, Values>> = Object.fromEntries(
  languages.map((language) => [language, exampleValues(language, "Asia/Seoul")]),
);
