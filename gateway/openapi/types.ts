// The document as TypeScript: what a client written with plain fetch needs to know at compile time, and nothing at run time.
// `npm run generate` writes it to gen/rest/api.ts, `npm run openapi -- --types FILE` anywhere.
import type { Media, OpenApi, Operation, Parameter, Response, Schema } from "./spec.js";

const heading = `// Made from the OpenAPI document; change the contracts, not this file.
`;

/** The types: Schemas by name, Routes by verb and path. */
export function typesOf({ paths, components }: OpenApi): string {
  const schemas = Object.entries(components.schemas).map(([name, schema]) => member(name, schema, true, "  "));
  const routes = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([verb, operation]) => routeOf(`${verb.toUpperCase()} ${path}`, operation)),
  );
  const schemaDoc = "/** Every message and enum, by its name in the contracts. */\n";
  const routeDoc = "/** Every route: what it is asked with, and what it answers. */\n";
  return `${heading}\n${schemaDoc}export interface Schemas {\n${schemas.join("")}}\n\n${routeDoc}export interface Routes {\n${routes.join("")}}\n`;
}

function routeOf(name: string, operation: Operation): string {
  const { summary, parameters = [], requestBody, responses } = operation;
  const at = (place: Parameter["in"]) => parameters.filter((parameter) => parameter.in === place);
  const body = requestBody?.content["application/json"];
  const ask = [
    group("path", at("path")),
    group("query", at("query")),
    group("headers", at("header")),
    requestBody
      ? `      body${requestBody.required ? "" : "?"}: ${body ? typeOf(body.schema, "      ") : "Uint8Array"};\n`
      : "",
  ].join("");
  return `${doc(summary, "  ")}  ${JSON.stringify(name)}: {\n    ask: {${ask ? `\n${ask}    ` : ""}};\n${answerOf(responses["200"] as Response | undefined)}  };\n`;
}

function answerOf(response: Response | undefined): string {
  const media = (type: string): Media | undefined => response?.content?.[type];
  const json = media("application/json");
  if (json) return `    answer: ${typeOf(json.schema, "    ")};\n`;
  const line = media("application/x-ndjson");
  if (line) return `    /** One of a stream. */\n    message: ${typeOf(line.schema, "    ")};\n`;
  return `    answer: ${media("text/plain") || media("text/html") ? "string" : response ? "Uint8Array" : "undefined"};\n`;
}

function group(name: string, parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return "";
  const members = parameters.map(({ name: own, description, schema, required }) =>
    member(own, description ? { ...schema, description } : schema, required === true, "        "),
  );
  const mark = parameters.some(({ required }) => required) ? "" : "?";
  return `      ${name}${mark}: {\n${members.join("")}      };\n`;
}

function member(name: string, schema: Schema, required: boolean, indent: string): string {
  const key = /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
  return `${doc(schema.description, indent)}${indent}${key}${required ? "" : "?"}: ${typeOf(schema, indent)};\n`;
}

function typeOf(schema: Schema, indent: string): string {
  if (schema.$ref) return without(`Schemas[${JSON.stringify(schema.$ref.split("/").at(-1))}]`, schema);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  switch (schema.type) {
    case "object":
      return objectOf(schema, indent);
    case "array":
      return `readonly (${typeOf(schema.items ?? {}, indent)})[]`;
    case "integer":
      return "number";
    case "string":
    case "number":
    case "boolean":
      return schema.type;
    default:
      return "unknown";
  }
}

/** An enum without the values that a rule refuses. */
function without(type: string, { not }: Schema): string {
  const refused = (not as { enum?: string[] } | undefined)?.enum ?? [];
  return refused.length > 0 ? `Exclude<${type}, ${refused.map((value) => JSON.stringify(value)).join(" | ")}>` : type;
}

function objectOf({ properties, required = [], additionalProperties }: Schema, indent: string): string {
  if (!properties || Object.keys(properties).length === 0) {
    const value = typeof additionalProperties === "object" ? typeOf(additionalProperties, indent) : "unknown";
    return additionalProperties === false ? "Record<string, never>" : `Readonly<Record<string, ${value}>>`;
  }
  const members = Object.entries(properties).map(([name, schema]) =>
    member(name, schema, required.includes(name), `${indent}  `),
  );
  return `{\n${members.join("")}${indent}}`;
}

function doc(text: string | undefined, indent: string): string {
  return text ? `${indent}/** ${text.replaceAll("*/", "* /").replaceAll(/\s+/g, " ")} */\n` : "";
}
