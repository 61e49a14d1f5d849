// Writes docs/invariants.md from the list: `node --conditions=source --import=tsx docs/make-invariants.ts`. docs.test.ts holds
// the file to what this makes.
import { writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { allInvariants } from "../scripts/invariants/all.js";
import { aroundOf } from "../scripts/invariants/check.js";
import { type Invariant, readsOf, services } from "../scripts/invariants/invariant.js";

const page = new URL("invariants.md", import.meta.url);

const heading = `<!-- Made by docs/make-invariants.ts; change scripts/invariants, not this page. -->
# Invariants

What must hold of a mesh at any moment, whatever died, came twice or came late. Each is one or several questions to the live
databases, the streams and the sandbox's own books, and must find nothing. They are asked after every journey of the tests,
by \`npm run invariants\`, and by a process in [deploy/](../deploy/README.md#invariants) that shows on \`/metrics\` how many
rows break each. Each is seen to fail on what is planted in a mesh ([test](../test/invariants.test.ts)). They change nothing,
and share no code with the services but the contracts and how the bus is declared.

\`\`\`sh
npm run invariants
\`\`\`

What is on its way at that moment is given a minute (\`--grace\`). Money is compared at whatever age.

| group    | numbers | questions                                                                                                         |
| -------- | ------- | ----------------------------------------------------------------------------------------------------------------- |
| money    | 1–15    | [scripts/invariants/money](../scripts/invariants/money): the refund service's books                               |
| requests | 16–25   | [scripts/invariants/resolutions](../scripts/invariants/resolutions): their life, and units of goods               |
| facts    | 26–35   | [scripts/invariants/facts](../scripts/invariants/facts): outboxes, streams, inboxes, leases                       |
| security | 36–40   | [scripts/invariants/security](../scripts/invariants/security): audit, four eyes, people's words, owners, webhooks |

## What no question can see

- **22, 10** look into the sandbox's books. Where real systems are in its place that part is left out and said so; what the
  provider tells is then held against ours by the [reconciler](../services/reconciler/README.md).
- **33, 38** read the newest facts of each outbox and stream, not all (\`INVARIANTS_NEWEST\`); 36 computes the last days' hashes
  anew (\`INVARIANTS_TRAIL_DAYS\`), \`npm run audit -- verify\` all of them, with the seals' keys.
- **35**: that an epoch went down shows only to who asks again: \`--watch\`, and the process.
- **38** knows where words lie under seal and which fields of a fact are a person's; clear text in a field that nobody declared
  is found by the canaries of \`npm run prove\`.
- **39**: nobody here has tenants. What serves a request must be of its order, customer and market instead.
- **40**: a webhook whose signature does not hold leaves no row. The edge's tests send them.

`;

const columns = ["#", "what holds", "reads", "when it does not, look at"];

/** The page as the list says. */
export function invariantsPage(): string {
  const all = allInvariants(aroundOf({ schemaOf: (service) => service }, true));
  const rows = all.map((one) => [String(one.number), one.name, readOf(one), one.look].map(cell));
  const widths = columns.map((name, i) =>
    Math.max(3, ...[name, ...rows.map((row) => row[i] ?? "")].map((it) => it.length)),
  );
  const line = (cells: readonly string[]) => `| ${cells.map((it, i) => it.padEnd(widths[i] ?? 0)).join(" | ")} |\n`;
  return heading + [columns, widths.map((width) => "-".repeat(width)), ...rows].map(line).join("");
}

function readOf(one: Invariant): string {
  const reads = readsOf(one);
  if (!services.every((service) => reads.includes(service))) return reads.join(", ");
  return ["every service", ...reads.filter((name) => !services.includes(name))].join(", ");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) writeFileSync(fileURLToPath(page), invariantsPage());
