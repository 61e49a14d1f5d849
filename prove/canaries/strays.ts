// Requests with a secret in every field that is about a person, made from the contracts themselves: ids are those of a story
// that is there, so that some are taken and others refused at every depth.

import type { DescMethod } from "@bufbuild/protobuf";
import { create, type DescField, type DescMessage, getOption, hasOption, ScalarType } from "@bufbuild/protobuf";
import { accessOf, type RoleWord, registry } from "#kit/contracts.js";
import { newId } from "#kit/ids.js";
import { textFields } from "#kit/personal.js";
import type { HttpRule } from "../../gateway/routes.js";
import type { Chance } from "../chance.js";
import { methods } from "../matrix/grpc.js";

/** Values of fields by their names: ids that are there. */
export type Known = Readonly<Record<string, string>>;

const personal = new Set(
  textFields().flatMap(({ message, field, said }) => (said && said !== "NONE" ? [`${message}.${field}`] : [])),
);

/** What must not be called at random: the outside systems' own doors, drains, and whatever forgets somebody. */
const left = /^backhaul\.(partner|sandbox|operator|audit|privacy)\.|PrivacyService/;

/** Who may call it, but for guests: stories are theirs. */
export function rolesOf(method: DescMethod): RoleWord[] {
  return [...accessOf(method).roles].filter((role) => role !== "GUEST");
}

/** Every rpc that answers once. */
export const strayMethods: readonly DescMethod[] = methods.filter(
  (method) => method.methodKind === "unary" && !left.test(method.parent.typeName) && rolesOf(method).length > 0,
);

/** A message with a secret wherever something about a person may stand. */
export function strayMessage(chance: Chance, input: DescMessage, known: Known, word: () => string) {
  return create(input, strayOf(chance, input, known, word, 0));
}

function strayOf(
  chance: Chance,
  of: DescMessage,
  known: Known,
  word: () => string,
  depth: number,
): Record<string, unknown> {
  const init: Record<string, unknown> = {};
  for (const field of of.fields) {
    const value = fieldOf(chance, of, field, known, word, depth);
    if (value === undefined) continue;
    if (field.oneof) init[field.oneof.localName] = { case: field.localName, value };
    else init[field.localName] = value;
  }
  return init;
}

function fieldOf(chance: Chance, of: DescMessage, field: DescField, known: Known, word: () => string, depth: number) {
  if (field.fieldKind === "message") return messageOf(chance, field.message, known, word, depth);
  if (field.fieldKind === "enum") return chance.pick(field.enum.values).number;
  if (field.fieldKind === "scalar") return scalarOf(chance, of, field, field.scalar, known, word);
  if (field.fieldKind !== "list") return undefined;
  const one =
    field.listKind === "message"
      ? messageOf(chance, field.message, known, word, depth)
      : field.listKind === "scalar"
        ? scalarOf(chance, of, field, field.scalar, known, word)
        : undefined;
  return one === undefined ? undefined : [one];
}

function messageOf(chance: Chance, of: DescMessage, known: Known, word: () => string, depth: number) {
  if (of.typeName === "google.protobuf.Timestamp") return { seconds: BigInt(Math.floor(Date.now() / 1000) + 86_400) };
  if (of.typeName === "google.type.Money") return { currencyCode: "KRW", units: 1000n };
  if (of.typeName.startsWith("google.") || depth > 3) return undefined;
  return strayOf(chance, of, known, word, depth + 1);
}

function scalarOf(
  chance: Chance,
  of: DescMessage,
  field: DescField,
  scalar: ScalarType,
  known: Known,
  word: () => string,
) {
  if (scalar === ScalarType.BOOL) return chance.percent(20);
  if (scalar === ScalarType.INT32) return field.name === "quantity" ? 1 : undefined;
  if (scalar !== ScalarType.STRING) return undefined;
  if (personal.has(`${of.typeName}.${field.name}`)) return word();
  if (field.name === "request_id") return newId("req");
  return known[field.name.replace(/_ids$/, "_id")];
}

/** How REST asks for it, with ids in the path; undefined where the edge does not offer it. */
export function restOf({ ...method }: DescMethod, known: Known): { verb: string; path: string } | undefined {
  const http = registry.getExtension("google.api.http");
  if (!http || !hasOption(method as DescMethod, http)) return undefined;
  const { pattern } = getOption(method as DescMethod, http) as unknown as HttpRule;
  const path = String(pattern.value).replaceAll(/\{(\w+)(?:=[^}]*)?\}/g, (_, name: string) => known[name] ?? "none");
  return { verb: String(pattern.case).toUpperCase(), path };
}
