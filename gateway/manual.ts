// The error manual as the edge quotes it: one title per reason, taken from the comments of error_reason.proto, which the
// descriptor set carries along.
import type { DescEnum } from "@bufbuild/protobuf";
import { registry } from "#kit/contracts.js";

const prefix = "ERROR_REASON_";

/** "RESOLUTION_STATE" → "The resolution's state does not allow this." */
export const titles: ReadonlyMap<string, string> = readTitles(registry.getEnum("backhaul.type.v1.ErrorReason"));

function readTitles(manual: DescEnum | undefined): Map<string, string> {
  const file = manual?.file.proto;
  const enumIndex = file?.enumType.findIndex((e) => e.name === manual?.name);
  const found = new Map<string, string>();
  for (const { path, leadingComments } of file?.sourceCodeInfo?.location ?? []) {
    // FileDescriptorProto.enum_type = 5, EnumDescriptorProto.value = 2
    const [five, which, two, index = -1] = path;
    if (path.length !== 4 || five !== 5 || which !== enumIndex || two !== 2) continue;
    const name = manual?.values[index]?.name.slice(prefix.length);
    const title = firstSentence(leadingComments);
    if (name && title) found.set(name, title);
  }
  return found;
}

/** A comment begins with the gRPC code; what follows, up to the first full stop, says what the reason means. */
function firstSentence(comment: string): string | undefined {
  const text = comment.replaceAll(/\s+/g, " ").trim();
  return /^[A-Z_]+\. (.*?\.)(?: |$)/.exec(text)?.[1];
}
