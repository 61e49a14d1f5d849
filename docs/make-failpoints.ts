// Writes docs/failpoints.md, and the names for those processes that are made to fail, from the code:
// `node --conditions=source --import=tsx docs/make-failpoints.ts`. docs.test.ts holds both to what this makes.
import { writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Place, placesOf } from "../scripts/failpoints/places.js";
import { root } from "./pages.js";

const page = new URL("failpoints.md", import.meta.url);
const names = new URL("../services/_kit/failpoints.json", import.meta.url);

const heading = `<!-- Made by docs/make-failpoints.ts from the code; change that, not this page. -->
# Failpoints

Where a process can be made to fail, to prove that nothing is lost by it: before and after everything that it tells the
world outside of it. \`FAILPOINT=refund.step.pay.done:3\` kills the refund process, as \`kill -9\` would, when it comes to that
place for the third time. It is a setting of one process; the places of others' mean nothing to it, and a name that is not
listed refuses to start. No process under \`NODE_ENV=production\` starts with it, and in production builds, such as
[the image](../deploy/Dockerfile), the places are not there.

| \`name:nth:\`… | at the place                                                               |
| ------------ | -------------------------------------------------------------------------- |
| \`kill\`       | ends at once, as by SIGKILL; so without a word                             |
| \`stop\`       | stands still, as by SIGSTOP, until somebody continues it                   |
| \`term\`       | is asked to end, as by SIGTERM                                             |
| \`throw\`      | fails as if the machinery did: the connection was terminated               |
| \`pause=MS\`   | does nothing at all for so many milliseconds, nor does anything else in it |

\`FAILPOINT=record:FILE\` fails nowhere: it notes in the file, a line each, the places that the process comes to.

| kind    | what                                          | moments                                                                                                              |
| ------- | --------------------------------------------- | -------------------------------------------------------------------------------------------------------------------- |
| commit  | the statement that changes an aggregate       | before, after: committed, and nobody told yet                                                                        |
| write   | any other statement that writes               | before, after                                                                                                        |
| publish | a fact's subject                              | before, after: the bus has it, and it is not marked yet                                                              |
| fact    | a fact's subject, in who listens              | delivered, done: in effect, before the ack; acked; refused, returned: around the nak; buried, ended: around the term |
| step    | a step of the agenda                          | claimed, done; failed: before it is given up or postponed; givenUp                                                   |
| call    | a method that is called, at the edge too      | before, after: answered, and nothing made of the answer yet                                                          |
| http    | who is asked: webhook, report, provider, keys | before, after                                                                                                        |
| seal    | where a seal of the audit trail is published  | before, after                                                                                                        |

`;

/** The page as the code says. */
export function failpointsPage(places: readonly Place[]): string {
  const services = [...new Set(places.map(({ service }) => service))];
  return `${heading}${places.length} places.\n${services.map((name) => sectionOf(name, places)).join("")}`;
}

/** The names, as a process looks them up. */
export function failpointNames(places: readonly Place[]): string {
  return `${JSON.stringify(
    places.map(({ name }) => name),
    undefined,
    2,
  )}\n`;
}

function sectionOf(service: string, places: readonly Place[]): string {
  const whats = new Map<string, string[]>();
  for (const { kind, what, moment, at } of places.filter((place) => place.service === service)) {
    // Lines move with every change; what the page says shall not.
    const line = `\`${service}.${kind}.${what}.\`… ${at.replace(/:\d+$/, "")}`;
    whats.set(line, [...(whats.get(line) ?? []), moment]);
  }
  const lines = [...whats].map(([line, moments]) => line.replace("…", moments.join(", ")));
  return `\n## ${service}\n\n${lines.map((line) => `- ${line}\n`).join("")}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const places = await placesOf(root);
  writeFileSync(fileURLToPath(page), failpointsPage(places));
  writeFileSync(fileURLToPath(names), failpointNames(places));
}
