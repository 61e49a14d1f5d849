// How each market's customers are told: language, time zone and channels, as data beside this file.
import { readFileSync } from "node:fs";
import type { NoticeEvent } from "./core/noticeEvents.js";
import { type Channel, languages, type Text } from "./core/words.js";

export type Market = {
  /** Of customers who named none. */
  readonly language: string;
  readonly timeZone: string;
  readonly channels: readonly Channel[];
};

/** A shipped template: the same words for every channel. */
export type Shipped = { readonly event: NoticeEvent; readonly texts: Readonly<Record<string, Text>> };

const json = <T>(file: string): T => JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8"));
const markets = json<Record<string, Market>>("notices/markets.json");
/** Where nothing is said of a market. */
const elsewhere: Market = { language: "en", timeZone: "UTC", channels: ["EMAIL"] };

export const shipped = json<readonly Shipped[]>("notices/templates.json");

export function marketOf(name: string): Market {
  return Object.hasOwn(markets, name) ? (markets[name] as Market) : elsewhere;
}

/** The language that somebody reads, if there are words in it; else the market's. */
export function languageOf(wanted: string, market: Market): string {
  const exact = languages.find((language) => language.toLowerCase() === wanted.toLowerCase());
  const related = languages.find((language) => wanted !== "" && language.split("-")[0] === wanted.split("-")[0]);
  return exact ?? related ?? market.language;
}
