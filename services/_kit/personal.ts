// What the contracts say is about a person: the `personal` option of their fields, read once from the descriptors. One
// place for what facts leave out, for docs/personal-data.md and for the check that no field is forgotten.
import { type DescField, type DescMessage, getOption, hasOption } from "@bufbuild/protobuf";
import { Personal } from "#gen/backhaul/type/v1/personal.js";
import { registry } from "#kit/contracts.js";
import { words } from "#kit/words.js";

const kinds = words(Personal, "PERSONAL_");

/** What a field tells of a person: "NAME", "TEXT", …; "NONE" where it says so, undefined where nothing is said. */
export type PersonalWord = (typeof kinds.all)[number];

/** What a field's declaration says. */
function personalOf(field: DescField): PersonalWord | undefined {
  const extension = registry.getExtension("backhaul.type.v1.personal");
  if (!extension || !field.proto.options || !hasOption(field, extension)) return undefined;
  return kinds.word(getOption(field, extension) as unknown as number);
}

/** Whether a field tells anything of a person. */
export function isPersonal(field: DescField): boolean {
  const said = personalOf(field);
  return said !== undefined && said !== "NONE";
}

/**
 * Takes everything personal out of a message of this name, however deep: texts are empty, lists and maps without entries.
 * What is not on the way to such a field stays the same object.
 */
export function withoutPersonal<T>(typeName: string, message: T): T {
  const found = registry.getMessage(typeName);
  if (!found) throw new RangeError(`the contracts have no message ${typeName}`);
  return stripped(found, message);
}

const touching = new Map<string, readonly DescField[]>();

/** The fields of a message that are personal, or lead to one that is. */
function fieldsTouching(message: DescMessage): readonly DescField[] {
  const known = touching.get(message.typeName);
  if (known) return known;
  // While it is being looked at, a message within itself adds nothing.
  touching.set(message.typeName, []);
  const fields = message.fields.filter((field) => {
    const inner = field.message;
    return isPersonal(field) || (inner !== undefined && fieldsTouching(inner).length > 0);
  });
  touching.set(message.typeName, fields);
  return fields;
}

function stripped<T>(descriptor: DescMessage, message: T): T {
  const fields = fieldsTouching(descriptor);
  if (fields.length === 0 || message === undefined || message === null) return message;
  const copy = { ...message } as Record<string, unknown>;
  for (const field of fields) {
    const value = copy[field.localName];
    if (value === undefined) continue;
    if (isPersonal(field)) copy[field.localName] = emptyOf(value);
    else if (Array.isArray(value))
      copy[field.localName] = value.map((one) => stripped(field.message as DescMessage, one));
    else copy[field.localName] = stripped(field.message as DescMessage, value);
  }
  return copy as T;
}

function emptyOf(value: unknown): unknown {
  if (Array.isArray(value)) return [];
  if (typeof value === "string") return "";
  return value instanceof Uint8Array ? new Uint8Array() : {};
}

/** A field of ours, with what it says. */
export type Declared = { readonly message: string; readonly field: string; readonly said: PersonalWord | undefined };

/** Every text or byte field of our contracts, in the order of the contracts. */
export function textFields(): Declared[] {
  const found: Declared[] = [];
  const visit = (message: DescMessage): void => {
    for (const field of message.fields) {
      if (holdsText(field)) found.push({ message: message.typeName, field: field.name, said: personalOf(field) });
    }
    message.nestedMessages.forEach(visit);
  };
  for (const file of registry.files) {
    if (file.proto.package.startsWith("backhaul.")) file.messages.forEach(visit);
  }
  return found;
}

const [textType, bytesType] = [9, 12];

function holdsText(field: DescField): boolean {
  if (field.fieldKind === "map") return true;
  const scalar = field.fieldKind === "scalar" || field.fieldKind === "list" ? field.scalar : undefined;
  return scalar === textType || scalar === bytesType;
}

const looks =
  /(^|_)(note|notes|text|texts|statement|description|memo|name|holder|phone|mobile|email|contact|address|street|city|postcode|zip|account|bank|iban|card|birth|photo|media|content|recipient|receiver|comment|message|explanation|reference|reason|failure|values|masked)(_|$)/;

/** Whether a field's name is such that it must say what it tells of a person. */
export function looksPersonal(name: string): boolean {
  return looks.test(name);
}
