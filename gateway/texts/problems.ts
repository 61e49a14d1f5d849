// What an error says to people, by language. English is the error manual's own title and the error's own message; the other
// languages are data, and a test holds them to every reason that a customer can meet.
import type { Language } from "../language.js";
import { ko } from "./ko.js";
import type { ProblemTexts } from "./texts.js";
import { zhTW } from "./zhTW.js";

/** What is written, but for English. */
export const written: Readonly<Record<Exclude<Language, "en">, ProblemTexts>> = { ko, "zh-TW": zhTW };

/** An error in words. */
export type Words = { readonly language: Language; readonly title: string; readonly detail: string };

/**
 * What an error says in a language; in English where it is not written. A detail that speaks of what the error does not
 * know gives way to the title.
 */
export function wordsOf(
  language: Language | undefined,
  reason: string,
  metadata: Readonly<Record<string, string>>,
  english: Omit<Words, "language">,
): Words {
  const [title, detail] = language && language !== "en" ? (written[language][reason] ?? []) : [];
  if (!language || title === undefined || detail === undefined) return { language: "en", ...english };
  const names = [...detail.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const known = names.every((name) => metadata[name]);
  return {
    language,
    title,
    detail: known ? detail.replaceAll(/\{(\w+)\}/g, (_, name) => metadata[name] ?? "") : title,
  };
}
