// A core decides the same from the same: time, ids and chance come in as arguments. Prints each line of a core, or of what
// cores are made of, that asks the process for one of them, and ends with 1: `node scripts/check/chance.mjs [folder …]`.
// Imports are another check's.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What to look for, and what it would take from the process. */
const asked = [
  [/\bDate\.now\b|\bnew Date\(\s*\)|\bDate\(\s*\)|\bperformance\b/, "the time"],
  [/\bMath\.random\b|\brandom(?:UUID|Bytes|Int|FillSync)\b|\bgetRandomValues\b/, "chance"],
  [/\bset(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b|\bprocess\.\w/, "the process"],
  [/\btoLocale\w*\(\s*\)|\bIntl\.\w+\(\s*\)/, "the machine's language or time zone"],
];
const wrong = [];
let files = 0;

for (const folder of folders()) {
  for (const name of readdirSync(folder, { recursive: true }).filter((file) => file.endsWith(".ts"))) {
    files += 1;
    const lines = withoutWords(readFileSync(join(folder, name), "utf8")).split("\n");
    for (const [at, line] of lines.entries()) {
      for (const [pattern, what] of asked)
        if (pattern.test(line)) wrong.push(`${join(folder, name)}:${at + 1} asks for ${what}: hand it in`);
    }
  }
}

if (files === 0) wrong.push("no core was found: this check looks in the wrong place");
for (const line of wrong) console.log(line);
process.exitCode = wrong.length > 0 ? 1 : 0;

function folders() {
  const named = process.argv.slice(2);
  if (named.length > 0) return named;
  const cores = readdirSync("services").map((service) => join("services", service, "core"));
  return [...cores.filter(isFolder), join("services", "_kit", "pure")];
}

function isFolder(path) {
  try {
    return readdirSync(path).length > 0;
  } catch {
    return false; // the kit has no core, nor has a service without rules
  }
}

/** The source with its comments and texts blanked, line by line as it was. */
function withoutWords(source) {
  return source.replace(/\/\*[\s\S]*?\*\/|\/\/.*|"(?:[^"\\\n]|\\.)*"/g, (words) => words.replace(/[^\n]/g, " "));
}
