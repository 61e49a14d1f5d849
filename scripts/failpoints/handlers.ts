// What a process does for others: the facts it takes in, the steps of its agenda.
import { registry } from "#kit/contracts.js";
import type { Code } from "./code.js";
import {
  bare,
  type Found,
  isFunction,
  type Node,
  nodesOf,
  propertiesOf,
  type Source,
  walk,
  wordsOf,
} from "./source.js";

/** The facts that a file's handlers stand under. */
export function factsIn(source: Source): Found[] {
  return nodesOf(source, "ObjectExpression").flatMap((node) =>
    [...propertiesOf(node)]
      .filter(([name]) => registry.getMessage(name)?.file.name.endsWith("_events"))
      .map(([what, value]) => ({ what, at: source.placeOf(value) })),
  );
}

/** The facts that a service announces: those messages of its package whose names stand in its code. */
export function announcedIn(sources: readonly Source[], service: string): Found[] {
  const messages = [...registry.files]
    .filter(({ name, proto }) => name.endsWith("_events") && proto.package === `backhaul.${service}.v1`)
    .flatMap((file) => file.messages);
  return messages.flatMap(({ name, typeName: what }) => {
    const said = sources
      .flatMap((source) => nodesOf(source, "StringLiteral").map((node) => ({ source, node })))
      .find(({ node }) => node.value === name);
    return said ? [{ what, at: said.source.placeOf(said.node) }] : [];
  });
}

const handlers = /[:,]\s*StepHandler\b/;

/** The steps that a file has handlers for: in objects that are said to hold handlers, and in those called `steps`. */
export function stepsIn(code: Code, source: Source): Found[] {
  const aliases = nodesOf(source, "TsTypeAliasDeclaration").filter((it) => handlers.test(source.textOf(it)));
  const holds = (annotation: Node | undefined): boolean => {
    const type = annotation?.typeAnnotation as Node | undefined;
    if (!type) return false;
    return handlers.test(source.textOf(type)) || aliases.some(({ id }) => id.value === type.typeName?.value);
  };
  const found: Found[] = [];
  walk(source.tree, (node, within) => {
    if (node.type !== "ObjectExpression") return;
    const [outer, around] = [within.at(-1), within.findLast(isFunction)];
    const returned = bare(outer?.type === "ReturnStatement" ? outer.argument : around?.body) === node;
    const declared = outer?.type === "VariableDeclarator" && holds(outer.id.typeAnnotation);
    const called = outer?.type === "KeyValueProperty" && outer.key.value === "steps";
    if (!declared && !called && !(returned && holds(around?.returnType))) return;
    for (const [what, value] of keysOf(code, source, node)) found.push({ what, at: source.placeOf(value) });
  });
  return found;
}

/** With keys that stand behind a name: { [codeStep]: … } */
function keysOf(code: Code, source: Source, object: Node): Map<string, Node> {
  const found = propertiesOf(object);
  for (const { key, value } of object.properties as Node[]) {
    if (key?.type !== "Computed") continue;
    const { declarations } = code.behind(source, key.expression.value);
    for (const what of declarations.flatMap((it) => wordsOf(it) ?? [])) found.set(what, value);
  }
  return found;
}
