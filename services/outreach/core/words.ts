// Words made of a template and values: placeholders filled in one pass, values escaped for their channel, lengths kept.
import { DomainError } from "#kit/pure/check.js";
import { type NoticeEvent, placeholdersOf } from "./noticeEvents.js";

export type Channel = "SMS" | "EMAIL";
export type Text = { readonly subject: string; readonly body: string };
/** By language. */
export type Texts = Readonly<Record<string, Text>>;
export type Values = Readonly<Record<string, string>>;

/** The languages that every template has. */
export const languages = ["ko", "zh-TW", "en"] as const;

const placeholder = /\{([a-z_]+)\}/g;
const longestValue = 200;
/** Three messages: of GSM's own letters, or of any. */
const smsLength = { plain: 459, any: 201 };
const emailLength = 20_000;
const subjectLength = 150;

/** The words. A value that is missing is a mistake of ours. @throws RangeError */
export function render(text: Text, values: Values, channel: Channel): Text {
  const fill = (part: string, shown: (value: string) => string) =>
    part.replace(placeholder, (_, name: string) => {
      const value = values[name];
      if (value === undefined) throw new RangeError(`no value for {${name}}`);
      return shown(plain(value));
    });
  const asIs = (value: string) => value;
  if (channel === "SMS") return { subject: "", body: fill(text.body, asIs) };
  return { subject: fill(text.subject, asIs), body: fill(text.body, escapeHtml) };
}

/** A template's words by mail, made of those by SMS. */
export function asMail({ subject, body }: Text): Text {
  return { subject, body: `<p>${escapeHtml(body)}</p>` };
}

/**
 * Holds a template against its event and channel: every language, only what can be filled in, no longer than is sent.
 * @throws DomainError NOTICE_TEMPLATE_BROKEN with the first problem
 */
export function assertSound(
  event: NoticeEvent,
  channel: Channel,
  texts: Texts,
  examples: Readonly<Record<string, Values>>,
) {
  const known = placeholdersOf(event);
  for (const language of Object.keys(texts)) {
    if (!languages.includes(language as never))
      throw broken(event, language, "nobody is told anything in this language");
  }
  for (const language of languages) {
    const text = texts[language];
    const fail = (problem: string) => broken(event, language, problem);
    if (!text?.body) throw fail("it has no text in this language");
    const whole = `${text.subject} ${text.body}`;
    for (const [, name = ""] of whole.matchAll(placeholder)) {
      if (!known.has(name)) throw fail(`the event has no {${name}}`);
    }
    if (/[{}]/.test(whole.replace(placeholder, ""))) throw fail("it has a brace that belongs to no placeholder");
    if (/[^\P{C}\n]/u.test(whole)) throw fail("it has a character that cannot be shown");
    const said = render(text, examples[language] ?? {}, channel);
    if (channel === "SMS") {
      const most = /^[\n -~]*$/.test(said.body) ? smsLength.plain : smsLength.any;
      if (said.body.length > most) throw fail(`with its example it is ${said.body.length} letters long, over ${most}`);
    } else {
      if (said.subject.trim() === "" || /\n/.test(said.subject))
        throw fail("its subject is empty, or of several lines");
      if (said.subject.length > subjectLength) throw fail(`its subject is over ${subjectLength} letters long`);
      if (said.body.length > emailLength) throw fail(`it is over ${emailLength} letters long`);
      if (/<\s*script|javascript:|\son\w+\s*=/i.test(text.body)) throw fail("it has a script in it");
    }
  }
}

/** One line of what can be shown. */
function plain(value: string): string {
  return value
    .replace(/\p{C}+|\s+/gu, " ")
    .trim()
    .slice(0, longestValue);
}

function escapeHtml(text: string): string {
  const names: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (char) => names[char] as string);
}

function broken(event: string, language: string, problem: string): DomainError {
  return new DomainError("NOTICE_TEMPLATE_BROKEN", `${event}, ${language}: ${problem}`, { event, language, problem });
}
