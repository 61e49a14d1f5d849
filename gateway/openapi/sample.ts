// A text that fits a pattern, for examples: the same each time. Knows what the contracts' patterns use — classes, groups,
// alternatives, counts — and nothing else.

// An id's 26 characters look like one; of any other class the first that fit are taken.
const ulid = "01K8ZC4N5T6W7X9YABDEFGHJKM";

/** The shortest text of a pattern that is not empty unless it must be, or undefined if this is beyond it. */
export function sampleOf(pattern: string): string | undefined {
  const reader = { text: pattern.replace(/^\^|\$$/g, ""), at: 0 };
  const sample = alternatives(reader);
  return new RegExp(pattern, "u").test(sample) ? sample : undefined;
}

type Reader = { readonly text: string; at: number };

/** Reads to the end of the group, and keeps the first alternative that says anything. */
function alternatives(reader: Reader): string {
  let kept = "";
  for (let first = true; first || reader.text[reader.at] === "|"; first = false) {
    if (!first) reader.at++;
    const one = sequence(reader);
    kept ||= one;
  }
  return kept;
}

function sequence(reader: Reader): string {
  let sample = "";
  while (reader.at < reader.text.length && !"|)".includes(reader.text[reader.at] ?? "")) sample += repeated(reader);
  return sample;
}

function repeated(reader: Reader): string {
  const atom = atomAt(reader);
  const [count, least] = /^(?:\{(\d+)(?:,\d*)?\}|[?*+])/.exec(reader.text.slice(reader.at)) ?? [];
  reader.at += count?.length ?? 0;
  // What may be left out is shown once.
  return atom(Math.max(1, Number(least ?? 1)));
}

/** One class, group or character, as so many of it. */
function atomAt(reader: Reader): (count: number) => string {
  const rest = reader.text.slice(reader.at);
  if (rest.startsWith("(")) {
    reader.at += rest.startsWith("(?:") ? 3 : 1;
    const inner = alternatives(reader);
    reader.at++;
    return (count) => inner.repeat(count);
  }
  const [atom = "", escaped] = /^\[(?:\\.|[^\]])*\]|^\\(.)|^./su.exec(rest) ?? [];
  reader.at += atom.length;
  if (!atom.startsWith("[")) return (count) => (escaped ?? atom).repeat(count);
  const one = new RegExp(`^${atom}$`, "u");
  const fitting = [...`${ulid}abcxyz-_ `].filter((char) => one.test(char));
  return (count) => Array.from({ length: count }, (_, i) => fitting[i % fitting.length]).join("");
}
