// Texts in an answer, in the language that is asked for. Knows no domain: wherever a message of the contracts has `texts` by
// language beside its `text`, the `text` is the one that is asked for. Where there is none in that language it stays.
import { type DescField, type DescMessage, type JsonObject, type JsonValue, ScalarType } from "@bufbuild/protobuf";
import { type Language, textIn } from "./language.js";

/** Where texts stand in a message. */
type Plan = {
  /** The message itself has a text to choose. */
  readonly chooses: boolean;
  /** The fields below which there are more. */
  readonly below: { readonly field: DescField; readonly plan: Plan }[];
};

const plans = new Map<DescMessage, Plan>();

/**
 * Puts the texts of a message into a language, in place.
 * @returns whether any is in it now
 */
export function localise(message: DescMessage, json: JsonValue, language: Language): boolean {
  const plan = planOf(message);
  return saysAnything(plan) && apply(plan, json, language);
}

/** Whether answers of this message may read otherwise in another language. */
export function hasTexts(message: DescMessage): boolean {
  return saysAnything(planOf(message));
}

const saysAnything = ({ chooses, below }: Plan) => chooses || below.length > 0;

function apply({ chooses, below }: Plan, json: JsonValue | undefined, language: Language): boolean {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return false;
  let changed = false;
  if (chooses) {
    const text = textIn((json.texts ?? {}) as JsonObject, language);
    if (text !== undefined) json.text = text;
    changed = text !== undefined;
  }
  for (const { field, plan } of below) {
    for (const part of partsOf(field, json[field.jsonName])) changed = apply(plan, part, language) || changed;
  }
  return changed;
}

function partsOf({ fieldKind }: DescField, value: JsonValue | undefined): readonly (JsonValue | undefined)[] {
  if (fieldKind === "list") return (value ?? []) as JsonValue[];
  if (fieldKind === "map") return Object.values((value ?? {}) as JsonObject);
  return [value];
}

/** Worked out once for each message, also one that holds itself. */
function planOf(message: DescMessage): Plan {
  const known = plans.get(message);
  if (known) return known;
  const plan: Plan = { chooses: choosesText(message), below: [] };
  plans.set(message, plan);
  for (const field of message.fields) {
    if (field.message && reaches(field.message, new Set())) plan.below.push({ field, plan: planOf(field.message) });
  }
  return plan;
}

function reaches(message: DescMessage, seen: Set<DescMessage>): boolean {
  if (seen.has(message)) return false;
  seen.add(message);
  return choosesText(message) || message.fields.some((field) => field.message && reaches(field.message, seen));
}

function choosesText({ field }: DescMessage): boolean {
  const { text, texts } = field;
  const isText = text?.fieldKind === "scalar" && text.scalar === ScalarType.STRING;
  return isText && texts?.fieldKind === "map" && texts.mapKind === "scalar" && texts.scalar === ScalarType.STRING;
}
