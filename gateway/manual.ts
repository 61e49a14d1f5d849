// The error manual as the edge quotes it, taken from the comments of error_reason.proto, which the descriptor set carries
// along.
import type { DescEnum } from "@bufbuild/protobuf";
import { registry } from "#kit/contracts.js";

const prefix = "ERROR_REASON_";

/** What the manual says of a reason. */
export type Entry = {
  /** What it means, in one sentence. */
  readonly title: string;
  /** The keys of its metadata. */
  readonly metadata: readonly string[];
  /** What an error's detail looks like; "" if the manual has no example. */
  readonly example: string;
};

/** By reason, in the manual's order. */
export const manual: ReadonlyMap<string, Entry> = readManual(registry.getEnum("backhaul.type.v1.ErrorReason"));

/** "RESOLUTION_STATE" → "The resolution's state does not allow this." */
export const titles: ReadonlyMap<string, string> = new Map([...manual].map(([reason, { title }]) => [reason, title]));

function readManual(reasons: DescEnum | undefined): Map<string, Entry> {
  const file = reasons?.file.proto;
  const enumIndex = file?.enumType.findIndex((e) => e.name === reasons?.name);
  const found = new Map<string, Entry>();
  for (const { path, leadingComments } of file?.sourceCodeInfo?.location ?? []) {
    // FileDescriptorProto.enum_type = 5, EnumDescriptorProto.value = 2
    const [five, which, two, index = -1] = path;
    if (path.length !== 4 || five !== 5 || which !== enumIndex || two !== 2) continue;
    const name = reasons?.values[index]?.name.slice(prefix.length);
    const entry = readEntry(leadingComments.replaceAll(/\s+/g, " ").trim());
    if (name && entry) found.set(name, entry);
  }
  return found;
}

/** A comment begins with the gRPC code; what follows, up to the first full stop, says what the reason means. */
function readEntry(text: string): Entry | undefined {
  const title = /^[A-Z_]+\. (.*?\.)(?: |$)/.exec(text)?.[1];
  if (!title) return undefined;
  const metadata = / Metadata: ([a-z_, ]*)/.exec(text)?.[1]?.split(", ") ?? [];
  return { title, metadata, example: / Example: (.*)$/.exec(text)?.[1] ?? "" };
}
