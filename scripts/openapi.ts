// Writes the edge's OpenAPI document, as it is served at /openapi.json: `npm run openapi -- --out openapi.json`.
import { writeFileSync } from "node:fs";
import { registry } from "#kit/contracts.js";
import { documentOf } from "../gateway/openapi/document.js";
import { typesOf } from "../gateway/openapi/types.js";
import { buildRoutes } from "../gateway/routes.js";
import { Failure, readArguments, runCommand, UsageError } from "./mesh/arguments.js";

const help = `
Writes the OpenAPI 3.1 document of the REST edge, as it is served at /openapi.json.

  npm run openapi -- [--out FILE] [--types FILE]

  --out    where to; to stdout if neither is given: npm run -s openapi > openapi.json
  --types  writes the document's types in TypeScript there
`;

await runCommand("openapi", async () => {
  const text = { type: "string" } as const;
  const { values, positionals } = readArguments(help, { out: text, types: text });
  if (positionals.length > 0) throw new UsageError(`"${positionals[0]}" has no option before it`);
  const document = documentOf(buildRoutes(registry));
  const json = `${JSON.stringify(document, null, 2)}\n`;
  const about = `${Object.keys(document.paths).length} paths, ${Object.keys(document.components.schemas).length} schemas`;
  if (values.out) write(values.out, json, about);
  if (values.types) write(values.types, typesOf(document), "types");
  if (!values.out && !values.types) process.stdout.write(json);
  return 0;
});

function write(file: string, text: string, about: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new Failure(`${file} cannot be written: ${(error as Error).message}`);
  }
  console.error(`openapi: ${about} written to ${file}`);
}
