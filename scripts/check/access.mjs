// Every rpc of ours says in its contract who may call it: `node scripts/check/access.mjs [descriptor set]`. The servers
// refuse to start without; this finds it before. Prints each rpc that breaks this, and ends with 1.
import { readFileSync } from "node:fs";
import { createFileRegistry, fromBinary, getOption, hasOption } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

const image = process.argv[2] ?? "gen/image.binpb";
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(image)));
const access = registry.getExtension("backhaul.type.v1.access");
const role = registry.getEnum("backhaul.type.v1.Role");
const methods = [...registry.files]
  .flatMap((file) => file.services)
  .filter(({ typeName }) => typeName.startsWith("backhaul."))
  .flatMap((service) => service.methods);

const wrong = methods.flatMap((method) =>
  problemsOf(method).map((problem) => `${method.parent.typeName}/${method.name} ${problem}`),
);
if (methods.length === 0) wrong.push(`no rpc was found in ${image}: this check looks at the wrong file`);
for (const line of wrong) console.log(line);
process.exitCode = wrong.length > 0 ? 1 : 0;

function problemsOf(method) {
  // Without any option of its own a method has no options message to look into.
  if (!method.proto.options || !hasOption(method, access)) return ["has no access option: nobody could call it"];
  const { roles, owner, withoutToken } = getOption(method, access);
  const names = roles.map((number) => role.value[number]?.name ?? String(number));
  const problems = [];
  if (roles.length === 0) problems.push("names no role: nobody could call it");
  if (names.includes("ROLE_UNSPECIFIED")) problems.push("names ROLE_UNSPECIFIED, which nobody is");
  if (new Set(roles).size < roles.length) problems.push("names a role twice");
  const owners = names.includes("ROLE_CUSTOMER") || names.includes("ROLE_GUEST");
  if (owner && !owners) problems.push("asks for ownership, but neither customers nor guests may call it");
  if (withoutToken && names.join() !== "ROLE_GUEST")
    problems.push("needs no token, so it is for guests and nobody else");
  if (withoutToken && owner) problems.push("asks somebody without a token for ownership");
  if (owners && !owner && !withoutToken) problems.push("lets customers or guests in without asking for ownership");
  return problems;
}
