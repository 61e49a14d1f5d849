// What a fact tells of people, by its contract: the fields that say they do, and are not empty.
import { type DescMessage, fromBinary } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { registry } from "#kit/contracts.js";
import { isPersonal } from "#kit/personal.js";

/** Names of the fields that tell something of a person; none where nobody knows the subject or the bytes are no message. */
export function wordsIn(subject: string, body: Uint8Array): string[] {
  const descriptor = registry.getMessage(subject);
  if (!descriptor || !tells(descriptor)) return [];
  try {
    return told(reflect(descriptor, fromBinary(descriptor, body)));
  } catch {
    // It is no message at all: a dead letter for that very reason.
    return [];
  }
}

const known = new Map<DescMessage, boolean>();

/** Whether a message has a personal field, however deep. */
function tells(descriptor: DescMessage): boolean {
  const found = known.get(descriptor);
  if (found !== undefined) return found;
  known.set(descriptor, false);
  const answer = descriptor.fields.some(
    (field) => isPersonal(field) || (field.message !== undefined && tells(field.message)),
  );
  known.set(descriptor, answer);
  return answer;
}

function told(message: ReflectMessage): string[] {
  return message.fields.flatMap((field) => {
    if (!message.isSet(field)) return [];
    if (isPersonal(field)) return [`${message.desc.typeName}.${field.name}`];
    if (field.fieldKind === "message") return told(message.get(field));
    if (field.fieldKind === "list" && field.listKind === "message")
      return [...message.get(field)].flatMap((one) => told(one as ReflectMessage));
    if (field.fieldKind === "map" && field.mapKind === "message")
      return [...message.get(field).values()].flatMap((one) => told(one as ReflectMessage));
    return [];
  });
}
