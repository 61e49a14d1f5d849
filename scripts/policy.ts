// For authors of policies: `npm run policy -- lint FILE` says what is wrong with a document, before it is uploaded.
import { readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { DomainError } from "#kit/pure/check.js";
import { diff } from "../services/eligibility/core/diff.js";
import { type PolicyDocument, parseDocument } from "../services/eligibility/core/document.js";
import { type Finding, findingsOfText } from "../services/eligibility/core/lint.js";
import { policySchema } from "../services/eligibility/core/schema.js";
import { Failure, readArguments, runCommand, UsageError } from "./mesh/arguments.js";
import { root } from "./mesh/places.js";

const help = `
For authors of policies; the documents of the shipped markets stand in services/eligibility/policies.

  npm run policy -- lint FILE... [--json]   says what is wrong with documents: whether they read, and whether they give
                                            less than the law, with an order that shows it
  npm run policy -- diff OLD NEW            says in words what one document changes against another
  npm run policy -- schema                  writes the JSON Schema of documents to services/eligibility/policies/schema.json

  --json  the findings as JSON, by file

Exit code 0 if there is no error (warnings do not count), 1 if there is, 2 if the command cannot be understood.
`;

await runCommand("policy", async () => {
  const { values, positionals } = readArguments(help, { json: { type: "boolean" } });
  const [command, ...files] = positionals;
  if (command === "lint") return lint(files, values.json === true);
  if (command === "diff") return compare(files);
  if (command === "schema") return writeSchema(files);
  throw new UsageError(`${command ? `no command ${command}` : "no command"}: say lint, diff or schema`);
});

function lint(files: readonly string[], asJson: boolean): number {
  if (files.length === 0) throw new UsageError("no document: say which, such as services/eligibility/policies/KR.json");
  const found = files.map((file) => ({ file, findings: findingsOfText(textOf(file)) }));
  if (asJson)
    console.log(JSON.stringify(Object.fromEntries(found.map(({ file, findings }) => [file, findings])), null, 2));
  else for (const { file, findings } of found) console.log(report(file, findings));
  return found.some(({ findings }) => findings.some(isError)) ? 1 : 0;
}

function compare([older, newer, ...others]: readonly string[]): number {
  if (!older || !newer || others.length > 0)
    throw new UsageError("diff needs two documents: the older, then the newer");
  const changes = diff(documentOf(older), documentOf(newer));
  for (const { path, text } of changes) console.log(`${text}\n  ${path}`);
  if (changes.length === 0) console.log("no difference");
  return 0;
}

function writeSchema(files: readonly string[]): number {
  if (files.length > 0) throw new UsageError("schema takes no document");
  const file = join(root, "services/eligibility/policies/schema.json");
  writeFileSync(file, `${JSON.stringify(policySchema(), null, 2)}\n`);
  console.log(`wrote ${relative(process.cwd(), file)}`);
  return 0;
}

function isError({ severity }: Finding): boolean {
  return severity === "ERROR";
}

function report(file: string, findings: readonly Finding[]): string {
  const errors = findings.filter(isError).length;
  const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;
  const head = `${file}: ${counted(errors, "error")}, ${counted(findings.length - errors, "warning")}`;
  const next =
    errors > 0
      ? "Mend the errors and lint again; such a document cannot be put in force."
      : "It is sound. Next: create a draft of it (POST /v1/policies), validate and simulate it, have it approved.";
  return [head, ...findings.map(told), next, ""].join("\n\n").trimEnd();
}

function told({ severity, code, path, message, article, counterexample }: Finding): string {
  const lines = [`${severity} ${code} at ${path}`, message];
  if (article) lines.push(`law: ${article}`);
  if (counterexample) lines.push(`for instance: ${counterexample.text}`);
  return lines.join("\n  ");
}

function documentOf(file: string): PolicyDocument {
  try {
    return parseDocument(textOf(file));
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw new Failure(`${file}: ${error.message}; npm run policy -- lint ${file} says more`);
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(resolve(file), "utf8");
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === "ENOENT" ? "there is no such file" : (error as Error).message;
    throw new UsageError(`${file} cannot be read: ${reason}; say the path of a policy document`);
  }
}
