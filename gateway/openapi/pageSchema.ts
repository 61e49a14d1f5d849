// Schemas on the reference page: their fields with types that lead to one another.
import type { Schema } from "./spec.js";
import { html, prose } from "./text.js";

/** A message or an enum, with a place to link to. */
export function schemaSection([name, schema]: readonly [string, Schema]): string {
  const members = schema.enum ? valuesOf(schema) : fieldsOf(schema);
  const words =
    `${name} ${Object.keys(schema.properties ?? {}).join(" ")} ${schema.enum?.join(" ") ?? ""}`.toLowerCase();
  return `<details class="entry" id="schema-${html(name)}" data-words="${html(words)}"><summary><code>${html(name)}</code> <span>${html(firstLine(schema))}</span></summary><div class="inside">${prose(schema.description ?? "")}${members}</div></details>
`;
}

/** The fields of an object. */
export function fieldsOf({ properties = {}, required = [] }: Schema): string {
  const rows = Object.entries(properties).map(([name, schema]) => {
    const marks = required.includes(name) ? "<small>required</small>" : "";
    return `<div class="field"><dt><code>${html(name)}</code> ${typeText(schema)} ${marks}</dt><dd>${prose(schema.description ?? "")}</dd></div>`;
  });
  return rows.length > 0 ? `<dl>${rows.join("")}</dl>` : "<p>Nothing.</p>";
}

function valuesOf(schema: Schema): string {
  const texts = (schema["x-enum-descriptions"] ?? {}) as Record<string, string>;
  const rows = (schema.enum ?? []).map(
    (value) => `<div class="field"><dt><code>${html(value)}</code></dt><dd>${prose(texts[value] ?? "")}</dd></div>`,
  );
  return `<dl>${rows.join("")}</dl>`;
}

/** A type in a few words; a message's name is a link. */
export function typeText(schema: Schema): string {
  const rules = rulesText(schema);
  return `<span class="type">${typeName(schema)}${rules ? ` <span class="rule">${html(rules)}</span>` : ""}</span>`;
}

function typeName(schema: Schema): string {
  const { $ref, items, additionalProperties } = schema;
  if ($ref) {
    const name = $ref.split("/").at(-1) ?? "";
    return `<a href="#schema-${html(name)}">${html(
      name
        .split(".")
        .filter((word) => /^[A-Z]/.test(word))
        .join("."),
    )}</a>`;
  }
  if (items) return `list of ${typeName(items)}`;
  if (typeof additionalProperties === "object") return `map to ${typeName(additionalProperties)}`;
  const { type = "anything", format } = schema;
  return html(typeof format === "string" && format !== "double" ? format : schema.contentEncoding ? "base64" : type);
}

function rulesText(schema: Schema): string {
  const { minimum, maximum, exclusiveMinimum, minLength, maxLength, minItems, maxItems, pattern } = schema;
  return [
    range(minimum ?? (exclusiveMinimum === undefined ? undefined : Number(exclusiveMinimum) + 1), maximum, ""),
    range(minLength, maxLength, "characters"),
    range(minItems, maxItems, "items"),
    typeof pattern === "string" && schema.format === undefined ? pattern : "",
  ]
    .filter(Boolean)
    .join(", ");
}

function range(least: unknown, most: unknown, of: string): string {
  if (least === undefined && most === undefined) return "";
  const text = most === undefined ? `${least} or more` : least === undefined ? `up to ${most}` : `${least}–${most}`;
  return `${text} ${of}`.trim();
}

function firstLine({ description = "" }: Schema): string {
  return /^.*?\.(?=\s|$)/s.exec(description)?.[0] ?? description;
}
