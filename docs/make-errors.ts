// Writes docs/errors.md from the error manual: `node --conditions=source --import=tsx docs/make-errors.ts`. Codes and HTTP
// statuses are those that services and gateway really answer with. docs.test.ts holds the file to what this makes.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { status } from "@grpc/grpc-js";
import { codes } from "#kit/errors.js";
import { DomainError } from "#kit/pure/check.js";
import { answerOf } from "../gateway/problem.js";

const manual = new URL("../proto/api/backhaul/type/v1/error_reason.proto", import.meta.url);
const page = new URL("errors.md", import.meta.url);

const heading = `<!-- Made by docs/make-errors.ts; change the manual, not this page. -->
# Errors

Every error carries one of these reasons. Over gRPC it is a status with one \`google.rpc.ErrorInfo\` (\`reason\`, \`domain\`
"backhaul", \`metadata\`); over REST it is \`application/problem+json\` with the same reason and metadata, a title, a
sentence that says what to do, and the trace id.
The manual with examples is [error_reason.proto](../proto/api/backhaul/type/v1/error_reason.proto).

`;

const columns = ["reason", "gRPC", "HTTP", "meaning", "metadata"];

/** The page as the manual says. */
export function errorsPage(): string {
  const [, reasons = ""] = readFileSync(manual, "utf8").split("ERROR_REASON_UNSPECIFIED = 0;");
  const rows = reasons.split("\n\n").flatMap(rowsOf);
  const widths = columns.map((name, i) =>
    Math.max(...[name, ...rows.map((row) => row[i] ?? "")].map((cell) => cell.length)),
  );
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |\n`;
  return heading + [columns, widths.map((width) => "-".repeat(width)), ...rows].map(line).join("");
}

/** The rows of a block of the manual: comments, each with the reason below it. */
function rowsOf(block: string): string[][] {
  return [...block.matchAll(/((?: *\/\/.*\n)+) *ERROR_REASON_(\w+) = \d+;/g)].map(([, comment = "", reason = ""]) => {
    const text = comment.replaceAll(/\s*\/\/ ?/g, " ").trim();
    const [, meaning = "", metadata = ""] =
      /^[A-Z_]+\. (.*?)(?: Metadata: (.*?)\.)?(?: Example: .*)?$/.exec(text) ?? [];
    const { status: http } = answerOf(new DomainError(reason, ""), "").body;
    return [reason, status[codes[reason as keyof typeof codes]], String(http), meaning, metadata];
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) writeFileSync(fileURLToPath(page), errorsPage());
