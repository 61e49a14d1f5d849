// The contracts' comments, which the descriptor set carries along: what a reader of the document is told.
import type {
  DescEnum,
  DescEnumValue,
  DescField,
  DescFile,
  DescMessage,
  DescMethod,
  DescService,
} from "@bufbuild/protobuf";

type Commented = DescMessage | DescField | DescEnum | DescEnumValue | DescService | DescMethod;

const ofFile = new WeakMap<DescFile, ReadonlyMap<string, string>>();

/** The comment above something in a contract, its lines joined to paragraphs; "" if there is none. */
export function commentOf(desc: Commented): string {
  const [file, path] = placeOf(desc);
  let comments = ofFile.get(file);
  if (!comments) {
    const locations = file.proto.sourceCodeInfo?.location ?? [];
    comments = new Map(locations.map(({ path: place, leadingComments }) => [place.join("."), flow(leadingComments)]));
    ofFile.set(file, comments);
  }
  return comments.get(path) ?? "";
}

/** The first sentence, without its full stop. */
export function firstSentence(text: string): string {
  return (/^.*?(?<!e\.g|i\.e|art)[.](?=\s|$)/s.exec(text)?.[0] ?? text).replace(/[.:;]$/, "");
}

/** What stands in quotes behind "e.g.": a contract's own example. */
export function exampleIn(comment: string): string | undefined {
  return /e\.g\. "([^"]+)"/.exec(comment)?.[1];
}

function flow(comment: string): string {
  const paragraphs = comment.trim().split(/\n\s*\n/);
  return paragraphs.map((lines) => lines.replaceAll(/\s+/g, " ").trim()).join("\n\n");
}

/** Where descriptor.proto keeps it: field numbers and indexes, from the file down. */
function placeOf(desc: Commented): [DescFile, string] {
  switch (desc.kind) {
    case "message":
      return desc.parent ? below(desc.parent, 3, desc.parent.nestedMessages.indexOf(desc)) : top(4, "messages", desc);
    case "enum":
      return desc.parent ? below(desc.parent, 4, desc.parent.nestedEnums.indexOf(desc)) : top(5, "enums", desc);
    case "service":
      return top(6, "services", desc);
    case "field":
      return below(desc.parent, 2, desc.parent.fields.indexOf(desc));
    case "enum_value":
      return below(desc.parent, 2, desc.parent.values.indexOf(desc));
    case "rpc":
      return below(desc.parent, 2, desc.parent.methods.indexOf(desc));
  }
}

function top(
  number: number,
  list: "messages" | "enums" | "services",
  desc: DescMessage | DescEnum | DescService,
): [DescFile, string] {
  return [desc.file, `${number}.${(desc.file[list] as readonly unknown[]).indexOf(desc)}`];
}

function below(parent: DescMessage | DescEnum | DescService, number: number, index: number): [DescFile, string] {
  const [file, path] = placeOf(parent);
  return [file, `${path}.${number}.${index}`];
}
