// Writes docs/personal-data.md from the contracts: `node --conditions=source --import=tsx docs/make-personal-data.ts`. Every
// field that is about a person, as the `personal` option says. docs.test.ts holds the file to what this makes.
import { writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Declared, textFields } from "#kit/personal.js";
import { type Kept, kept } from "./personal.js";

const page = new URL("personal-data.md", import.meta.url);

const heading = `<!-- Made by docs/make-personal-data.ts from the contracts and docs/personal.ts; change those, not this page. -->
# Personal data

Backhaul knows people by ids: a customer's, an order's. Names, addresses and telephone numbers stay in the systems that own
them. What it keeps all the same, and for how long, stands here.

- **sealed**: AES-256-GCM with a key per person (\`subject_key\` of each service), which is itself wrapped by a key that no
  database holds (\`PII_KEYS\`). A destroyed key takes all that was sealed with it along, in every copy and backup of the rows.
- **passed on**: never written down; it goes to the partner that needs it.
- Facts on the bus have every field below left empty, so streams, outboxes and dead letters tell ids alone.
`;

/** The page as the contracts say. */
export function personalDataPage(): string {
  const fields = textFields().filter(({ said }) => said !== undefined && said !== "NONE");
  return `${heading}
## Where it is kept

${table(["where", "what", "whose key", "how"], kept.map(rowOf))}
## In the contracts

Fields of the contracts that are about a person ([personal.proto](../proto/api/backhaul/type/v1/personal.proto)). One whose
name looks personal and which does not say what it is fails \`npm test\`.

${table(["message", "field", "tells"], fields.map(fieldRow))}`;
}

function rowOf({ where, what, whose, how }: Kept): string[] {
  return [where, what, whose, how];
}

function fieldRow({ message, field, said }: Declared): string[] {
  return [message.replace("backhaul.", ""), `\`${field}\``, (said ?? "").toLowerCase()];
}

function table(columns: readonly string[], rows: readonly string[][]): string {
  const widths = columns.map((name, i) =>
    Math.max(...[name, ...rows.map((row) => row[i] ?? "")].map((it) => it.length)),
  );
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |\n`;
  return [columns, widths.map((width) => "-".repeat(width)), ...rows].map(line).join("");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  writeFileSync(fileURLToPath(page), personalDataPage());
