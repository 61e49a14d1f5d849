// Which language somebody wants to read: Accept-Language (RFC 9110, 12.5.4) by lookup (RFC 4647, 3.4). A range that nothing
// is written in gives way to a shorter one, then to what the caller likes next.

/** What texts of the edge are written in. */
export const languages = ["ko", "zh-TW", "en"] as const;
export type Language = (typeof languages)[number];

// "zh" alone is what browsers send behind zh-TW and zh-HK. Who asks for simplified characters is not answered in others,
// unless they say "zh" besides.
const known: Readonly<Record<string, Language | "none">> = {
  ko: "ko",
  en: "en",
  zh: "zh-TW",
  "zh-cn": "none",
  "zh-sg": "none",
  "zh-hans": "none",
};

// More than anybody lists, and little to read.
const mostRanges = 30;

/** The language to answer in; undefined if none is asked for, or only such as nothing is written in. */
export function languageOf(header: string | undefined): Language | undefined {
  if (!header) return undefined;
  const ranges = header.split(",", mostRanges).map(rangeOf);
  const wanted = ranges.filter(({ weight }) => weight > 0).sort((one, other) => other.weight - one.weight);
  for (const { range } of wanted) {
    if (range === "*") return undefined; // any will do, so it stays as it is
    const language = lookup(range);
    if (language) return language;
  }
  return undefined;
}

/** The text in a language, of texts by language tag: "ko" takes what stands under "ko-KR". */
export function textIn(texts: Readonly<Record<string, unknown>>, language: Language): string | undefined {
  const wanted = language.toLowerCase();
  const tag = Object.keys(texts).find((name) => `${name.toLowerCase()}-`.startsWith(`${wanted}-`));
  const text = tag === undefined ? undefined : texts[tag];
  return typeof text === "string" && text !== "" ? text : undefined;
}

function rangeOf(text: string): { range: string; weight: number } {
  const [, range = "", weight = "1"] =
    /^\s*([A-Za-z0-9-]{1,35}|\*)\s*(?:;\s*[qQ]=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?$/.exec(text) ?? [];
  return { range: range.toLowerCase(), weight: range === "" ? 0 : Number(weight) };
}

function lookup(range: string): Language | undefined {
  for (let rest = range; rest !== ""; rest = rest.slice(0, Math.max(0, rest.lastIndexOf("-")))) {
    const found = known[rest];
    if (found) return found === "none" ? undefined : found;
  }
  return undefined;
}
