// The descriptor set of all contracts, read once: what the server enforces, the gateway routes by and reflection serves.
import { readFileSync } from "node:fs";
import { createFileRegistry, type DescMethod, fromBinary, getOption, hasOption } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema, MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { Role } from "#gen/backhaul/type/v1/access.js";
import { words } from "#kit/words.js";

/** What a caller is, as a word: "CUSTOMER", "AGENT", … */
export type RoleWord = (typeof roles.all)[number];

/** Contract enum ↔ word. */
export const roles = words(Role, "ROLE_");

/** Who may call an rpc. */
export type AccessRule = {
  readonly roles: ReadonlySet<RoleWord>;
  /** Whether customers and guests must also own what they ask for. */
  readonly owner: boolean;
  /** Whether whoever did the first part is refused. */
  readonly fourEyes: boolean;
  /** Whether the edge lets in who brings no token at all. */
  readonly withoutToken: boolean;
};

/** The raw set: buf writes it next to the generated code. */
export const imageBytes = readFileSync(new URL("../../gen/image.binpb", import.meta.url));

/** Every message, service and option of the contracts. */
export const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, imageBytes));

/**
 * The descriptor behind a gRPC path such as "/backhaul.refund.v1.RefundService/GetRefund".
 * @throws Error if the contracts have no such method
 */
export function methodOf(path: string): DescMethod {
  const [, service = "", name = ""] = path.split("/");
  const method = registry.getService(service)?.methods.find((m) => m.name === name);
  if (!method) throw new Error(`the contracts have no ${path}: run npm run generate`);
  return method;
}

/**
 * Who may call a method.
 * @throws Error if it has no access option: default is deny, and a forgotten option shall fail early
 */
export function accessOf(method: DescMethod): AccessRule {
  const extension = registry.getExtension("backhaul.type.v1.access");
  const options = method.proto.options;
  if (!extension || !options || !hasOption(method, extension)) {
    throw new Error(`${method.parent.typeName}/${method.name} has no access option: say in the contract who may call`);
  }
  const {
    roles: named,
    owner,
    fourEyes,
    withoutToken,
  } = getOption(method, extension) as unknown as {
    roles: number[];
    owner: boolean;
    fourEyes: boolean;
    withoutToken: boolean;
  };
  return { roles: new Set(named.flatMap((role) => roles.word(role) ?? [])), owner, fourEyes, withoutToken };
}

/** Whether a client may send the same call again after it failed. */
export function repeatable(method: DescMethod): boolean {
  return method.idempotency !== MethodOptions_IdempotencyLevel.IDEMPOTENCY_UNKNOWN;
}
