// Writes docs/access.md from the contracts: `node --conditions=source --import=tsx docs/make-access.ts`. Who may call what,
// as the servers enforce it: they read the same options. docs.test.ts holds the file to what this makes.
import { writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { accessOf, type RoleWord, registry, roles } from "#kit/contracts.js";
import { buildRoutes } from "../gateway/routes.js";

const page = new URL("access.md", import.meta.url);

const heading = `<!-- Made by docs/make-access.ts; change the contracts, not this page. -->
# Who may call what

Every rpc names the roles that may call it, in its \`access\` option ([access.proto](../proto/api/backhaul/type/v1/access.proto));
a role that is not named is refused with ROLE_NOT_ALLOWED, at the edge and again in the service. An rpc without the option
lets nobody in: the service does not start, and \`npm run check\` fails.

- **✓** may call. **own**: only for what is theirs; somebody else's does not exist for them (404, NOT_FOUND).
- **no token**: may call, and at the edge who brings no token at all is let in as a GUEST of no order.
- **4 eyes**: whoever did the first part is refused, whatever their role; the rpc's comment says what the first part is.
- An rpc without a REST route is for other services and for operators' tools. Carriers also report under \`/webhooks/\`, signed
  instead of with a token: that calls RecordTracking and RecordCarrierMessage as CARRIER.
- Health and reflection ask for no token; they tell what the contracts tell, and nothing of anybody.

Roles, as in a token: ${roles.all.join(", ")}.
`;

const rest = new Map<string, string>();
for (const { path, verb, template } of buildRoutes(registry)) {
  const route = `\`${verb} ${template.text}\``;
  rest.set(path, rest.has(path) ? `${rest.get(path)}, ${route}` : route);
}

/** The page as the contracts say. */
export function accessPage(): string {
  const services = [...registry.files]
    .flatMap((file) => file.services)
    .filter(({ typeName }) => typeName.startsWith("backhaul."))
    .sort((one, other) => (one.typeName < other.typeName ? -1 : 1));
  return heading + services.map(sectionOf).join("");
}

/** A service's table. Roles that none of its rpcs lets in have no column. */
function sectionOf(service: DescService): string {
  const named = roles.all.filter((role) => service.methods.some((method) => accessOf(method).roles.has(role)));
  const columns = ["rpc", ...named, "4 eyes", "REST"];
  const rows = service.methods.map((method) => rowOf(method, named));
  const widths = columns.map((name, i) =>
    Math.max(...[name, ...rows.map((row) => row[i] ?? "")].map((it) => it.length)),
  );
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |\n`;
  const table = [columns, widths.map((width) => "-".repeat(width)), ...rows].map(line).join("");
  return `\n## ${service.typeName}\n\n${table}`;
}

function rowOf(method: DescMethod, named: readonly RoleWord[]): string[] {
  const { roles: allowed, owner, fourEyes, withoutToken } = accessOf(method);
  const cells = named.map((role) => {
    if (!allowed.has(role)) return "";
    if (withoutToken) return "no token";
    return owner && (role === "CUSTOMER" || role === "GUEST") ? "own" : "✓";
  });
  const route = rest.get(`/${method.parent.typeName}/${method.name}`) ?? "";
  return [method.name, ...cells, fourEyes ? "yes" : "", route];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) writeFileSync(fileURLToPath(page), accessPage());
