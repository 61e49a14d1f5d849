// Whom a process calls: the methods of the contracts that it connects to, where its code uses them.
import type { DescService } from "@bufbuild/protobuf";
import { registry } from "#kit/contracts.js";
import { buildRoutes } from "../../gateway/routes.js";
import { carrierRoutes } from "../../gateway/webhooks.js";
import { argumentsOf, type Found, nodesOf, type Source } from "./source.js";

/** The calls that a process's own files make. */
export function callsIn(sources: readonly Source[]): Found[] {
  const used = new Map(sources.flatMap(membersOf));
  return sources.flatMap(connectedIn).flatMap((contract) =>
    contract.methods.flatMap(({ name, localName }) => {
      const at = used.get(localName);
      return at ? [{ what: `${contract.typeName}/${name}`, at }] : [];
    }),
  );
}

/** What the edge passes on. */
export function forwarded(at: string): Found[] {
  const paths = [...buildRoutes(registry), ...carrierRoutes].map(({ path }) => path.slice(1));
  return [...new Set(paths)].map((what) => ({ what, at }));
}

/** The contracts that a file opens clients of: connect(address)(OrderServiceService). */
function connectedIn(source: Source): DescService[] {
  const imported = new Map(
    nodesOf(source, "ImportDeclaration")
      .filter((node) => node.source.value.startsWith("#gen/"))
      .flatMap((node) =>
        node.specifiers.map((it: { local: { value: string } }) => [it.local.value, node.source.value]),
      ),
  );
  return nodesOf(source, "CallExpression").flatMap((call) => {
    const [contract, ...more] = argumentsOf(call);
    const from = imported.get(contract?.value) as string | undefined;
    if (contract?.type !== "Identifier" || more.length > 0 || !from?.endsWith("_service.js")) return [];
    const pkg = from.slice("#gen/".length, from.lastIndexOf("/")).replaceAll("/", ".");
    const service = registry.getService(`${pkg}.${contract.value.replace(/Service$/, "")}`);
    return service ? [service] : [];
  });
}

/** The names by which a file takes something out of an object, each with a place where it does. */
function membersOf(source: Source): [string, string][] {
  const members = nodesOf(source, "MemberExpression").map(({ property }) => property);
  const taken = nodesOf(source, "ObjectPattern").flatMap(({ properties }) =>
    properties.map((it: { key: unknown }) => it.key),
  );
  return [...members, ...taken]
    .filter((node) => node?.type === "Identifier")
    .map((node) => [node.value, source.placeOf(node)]);
}
