// What a notice says of a resolution: amounts, days and hours as the customer reads them, in the market's time zone.
import type { Resolution } from "#gen/backhaul/resolution/v1/resolution.js";
import { type LocalDate, localDate, weekdayOf } from "#kit/pure/days.js";
import { format, fromProto } from "#kit/pure/money.js";
import type { Values } from "./words.js";

/** Where and in which language it is read. */
export type Reader = { readonly language: string; readonly timeZone: string };

/** What is not the resolution's: the driver's window, the reason, the days that are left. */
export type Given = {
  readonly reason?: string;
  readonly days?: string;
  readonly from?: Date;
  readonly to?: Date;
};

/** Every value there is; a template names those of its event. */
export function valuesOf(r: Resolution, given: Given, reader: Reader): Values {
  const units = (of: (line: Resolution["lines"][number]) => number) =>
    String(r.lines.reduce((n, line) => n + of(line), 0));
  const due = r.deadlines.find(({ step }) => step === "handover")?.dueTime;
  return {
    order: r.orderId,
    items: itemsOf(r, reader.language),
    amount: r.refunded ? format(fromProto(r.refunded), reader.language) : "",
    rejected: units(({ rejected }) => rejected),
    missing: units(({ missing }) => missing),
    reason: given.reason ?? "",
    days: given.days ?? "",
    hand_over_by: due ? dayOf(due, reader) : "",
    window: given.from && given.to ? windowOf(given.from, given.to, reader) : "",
  };
}

/** "Mug", "Mug 외 2건". */
function itemsOf({ lines }: Resolution, language: string): string {
  const [first, ...others] = lines;
  const name = first?.title || first?.sku || "";
  if (others.length === 0) return name;
  if (language === "ko") return `${name} 외 ${others.length}건`;
  if (language === "zh-TW") return `${name} 等 ${others.length + 1} 項`;
  return `${name} and ${others.length} more`;
}

const weekdays: Readonly<Record<string, readonly string[]>> = {
  ko: ["일", "월", "화", "수", "목", "금", "토"],
  "zh-TW": ["日", "一", "二", "三", "四", "五", "六"],
  en: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"],
};
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** "11월 23일(월)", "11月23日（一）", "Mon 23 Nov". */
function dayOf(at: Date, { language, timeZone }: Reader): string {
  const date: LocalDate = localDate(at, timeZone);
  const [, month = 1, day = 1] = date.split("-").map(Number);
  const weekday = weekdays[language]?.[weekdayOf(date)] ?? "";
  if (language === "ko") return `${month}월 ${day}일(${weekday})`;
  if (language === "zh-TW") return `${month}月${day}日（${weekday}）`;
  return `${weekday} ${day} ${months[month - 1]}`;
}

function windowOf(from: Date, to: Date, reader: Reader): string {
  return `${dayOf(from, reader)} ${hourOf(from, reader)}–${hourOf(to, reader)}`;
}

function hourOf(at: Date, { timeZone }: Reader): string {
  return clock(at, timeZone).join(":");
}

/** Hour and minute of the local clock, two digits each. */
export function clock(at: Date, timeZone: string): [string, string] {
  const [hour = "00", minute = "00"] = formatOf(timeZone).format(at).split(":");
  return [hour, minute];
}

/** To make one takes a hundred times as long as to use it. */
const formats = new Map<string, Intl.DateTimeFormat>();
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const format = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  formats.set(timeZone, format);
  return format;
}
