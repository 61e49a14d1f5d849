// What the client package needs to know of the contracts, as TypeScript: per rpc how to fill its request, what it cannot
// do without, whether it may be sent again, what its pages hold, from where its stream goes on. writeContracts.ts puts it
// into gen/client.
import type { DescEnum, DescField, DescFile, DescMessage, DescMethod, DescService } from "@bufbuild/protobuf";
import { demandOf } from "../../gateway/openapi/rules.js";

/** The module that describes these services: `export const resolution = { definition, home, facts } as const`. */
export function contractsModule(services: readonly DescService[]): string {
  // Each file under a name of its own: two services may call their requests the same.
  const imports = new Map<string, string>();
  const use = (file: DescFile, name: string): string => {
    const module = camel(file.name.split("/").at(-1) ?? "");
    imports.set(module, modulePath(file, ".."));
    return `${module}.${name}`;
  };
  const blocks = services.map((service) => {
    const methods = service.methods.filter((method) => method.methodKind !== "bidi_streaming");
    const facts = methods.map((method) => `    ${method.localName}: { ${factsOf(method, use).join(", ")} },`);
    const definition = use(service.file, `${service.name}Service`);
    const left = service.methods.filter((method) => !methods.includes(method)).map(({ localName }) => localName);
    // A stream in both directions is the mesh's own affair.
    const type = left.length > 0 ? ` as Omit<typeof ${definition}, ${left.map((n) => `"${n}"`).join(" | ")}>` : "";
    return [
      `export const ${nameOf(service)} = {`,
      `  definition: ${definition}${type},`,
      `  home: "${homeOf(service.file)}",`,
      "  facts: {",
      ...facts,
      "  },",
      "} as const;",
    ].join("\n");
  });
  const lines = [...imports].map(([module, path]) => `import * as ${module} from "${path}";`);
  return `${header}${lines.join("\n")}\n\n${blocks.join("\n\n")}\n`;
}

/** The module that gives these files' messages and enums again, under one name. */
export function typesModule(files: readonly DescFile[]): string {
  const lines = files.map((file) => {
    const names = [...file.messages.flatMap(withNested), ...file.enums].map(localName);
    return names.length > 0 ? `export { ${names.sort().join(", ")} } from "${modulePath(file, "../..")}";\n` : "";
  });
  return header + lines.join("");
}

/** Which part of the mesh a contract belongs to: backhaul.refund.v1 → refund. */
export function homeOf(file: DescFile): string {
  return file.proto.package.split(".")[1] ?? "";
}

const header = "// Made from the contracts by scripts/client/writeContracts.ts.\n";

function nameOf(service: DescService): string {
  const name = service.name.replace(/Service$/, "");
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function factsOf(method: DescMethod, use: (file: DescFile, name: string) => string): string[] {
  const { input, output } = method;
  const request = use(input.file, localName(input));
  const needs = input.fields.filter((field) => field.name !== "request_id" && demandOf(field).required);
  const facts = [
    `fill: (request: object) => ${request}.fromPartial(request)`,
    `needs: [${needs.map((field) => `"${field.localName}"`).join(", ")}]`,
    // 0 is IDEMPOTENCY_UNKNOWN: what is not said to be repeatable is sent once.
    `repeatable: ${method.idempotency !== 0}`,
    `requestId: ${has(input, "request_id") !== undefined}`,
  ];
  const list = output.fields.find(({ fieldKind }) => fieldKind === "list");
  if (has(input, "page_token") && list) facts.push(`items: "${list.localName}"`);
  const entry = output.fields.find(({ message }) => message && has(message, "sequence"));
  if (method.methodKind === "server_streaming" && has(input, "after_sequence") && entry) {
    facts.push(`resumeBy: "${entry.localName}"`);
  }
  return facts;
}

function has(message: DescMessage, name: string): DescField | undefined {
  return message.fields.find((field) => field.name === name);
}

function withNested(message: DescMessage): (DescMessage | DescEnum)[] {
  const nested = message.nestedMessages.filter(({ proto }) => !proto.options?.mapEntry);
  return [message, ...nested.flatMap(withNested), ...message.nestedEnums];
}

/** As ts-proto calls it: Outer.Inner is Outer_Inner. */
function localName({ typeName, file }: DescMessage | DescEnum): string {
  return typeName.slice(file.proto.package.length + 1).replaceAll(".", "_");
}

function camel(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function modulePath(file: DescFile, up: string): string {
  return `${up}/${file.name}.js`;
}
