// How far a replay is: on a terminal one line that is drawn anew, elsewhere a line every few seconds. On stderr, so that
// stdout stays the report's.
import type { Progress } from "../replay/play.js";

const barWidth = 24;
const redrawMs = 100;
const lineMs = 5_000;

export interface ProgressLine {
  show(progress: Progress): void;
  /** Ends the line, or takes it away. */
  done(): void;
}

export function progressLine(stream: NodeJS.WriteStream = process.stderr): ProgressLine {
  const everyMs = stream.isTTY ? redrawMs : lineMs;
  let shownAt = 0;
  return {
    show: (progress) => {
      if (Date.now() - shownAt < everyMs) return;
      shownAt = Date.now();
      const text = describe(progress);
      // Cut to the window: a line that wraps cannot be drawn over.
      if (stream.isTTY) stream.write(`\r\x1b[K${text.slice(0, stream.columns - 1)}`);
      else stream.write(`${text}\n`);
    },
    done: () => {
      if (stream.isTTY) stream.write("\r\x1b[K");
    },
  };
}

/** "▕██████      ▏ 12 % · Wed 8 Dec 2026 · 62 orders · 9 requests, 7 accepted" */
export function describe({ day, days, at, orders, sent, accepted, open }: Progress): string {
  const share = days === 0 ? 1 : day / days;
  const bar = "█".repeat(Math.round(share * barWidth)).padEnd(barWidth);
  const date = at.toISOString().slice(0, 10);
  const number = (count: number) => count.toLocaleString("en-GB");
  const parts = [
    `▕${bar}▏ ${Math.floor(share * 100)} %`,
    date,
    `${number(orders)} orders`,
    `${number(sent)} requests, ${number(accepted)} accepted`,
    ...(open === undefined ? [] : [`${number(open)} open`]),
  ];
  return parts.join(" · ");
}
