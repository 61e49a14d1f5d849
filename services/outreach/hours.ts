// Quiet hours as a setting: market=HH:MM-HH:MM, local time, comma between.
import type { Setting } from "#kit/config.js";
import type { Quiet } from "./core/quiet.js";

const usual = "KR=21:00-08:00,TW=21:00-09:00,GB=21:00-08:00";

export function quietHours(name: string, about: string): Setting<ReadonlyMap<string, Quiet>> {
  return { name, about, fallback: parse(usual), parse };
}

function parse(text: string): ReadonlyMap<string, Quiet> {
  if (text === "off") return new Map();
  return new Map(
    text.split(",").map((part) => {
      const [, market, from, to] = /^([A-Z]{2})=([\d:]{5})-([\d:]{5})$/.exec(part) ?? [];
      if (!market || !from || !to) throw new Error("is not off, nor market=HH:MM-HH:MM, comma between");
      return [market, { from: minutes(from), to: minutes(to) }];
    }),
  );
}

function minutes(text: string): number {
  const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (!hour || !minute) throw new Error(`has ${text}, which is no time of the day`);
  return Number(hour) * 60 + Number(minute);
}
