// Every statement that writes, by the name it is prepared under.
import { writing } from "#kit/postgres.js";
import type { Code } from "./code.js";
import {
  argumentsOf,
  calleeOf,
  type Found,
  type Node,
  nodesOf,
  propertiesOf,
  type Source,
  walk,
  wordsOf,
} from "./source.js";

export type FoundStatement = Found & { readonly kind: "commit" | "write"; readonly path: string };

/** A function that makes a statement of a name that it is given, such as commitStatement. */
type Maker = { readonly path: string; readonly name: string; readonly commits: boolean };

/** Those whose statements are named by rules, which are asked for their names. */
const namedByRules = /^services\/(_kit\/retention|[a-z]+\/forgetting)\.ts$/;

/** What was found; and where one writes under a name that is only put together as it runs, so that nobody can list it. */
export function statementsOf(code: Code): { readonly found: FoundStatement[]; readonly unnamed: string[] } {
  const sources = [...code.sources.values()];
  const makers = sources.flatMap(makersIn);
  const found: FoundStatement[] = [];
  const unnamed: string[] = [];
  const note = (source: Source, node: Node, name: Node | undefined, commits: boolean) => {
    const words = wordsOf(name);
    if (!words) unnamed.push(source.placeOf(node));
    const at = source.placeOf(node);
    for (const what of words ?? []) found.push({ what, at, path: source.path, kind: commits ? "commit" : "write" });
  };
  for (const source of sources) {
    for (const node of nodesOf(source, "ObjectExpression")) {
      const { name, text } = statementIn(node) ?? {};
      if (!name || !text || makers.some(({ path }) => path === source.path && name.type === "Identifier")) continue;
      if (namedByRules.test(source.path)) continue;
      if (writing.test(code.fullText(source, text))) note(source, node, name, false);
    }
    for (const call of nodesOf(source, "CallExpression")) {
      const maker = makers.find((it) => it.name === calleeOf(call) && it.path === code.behind(source, it.name).path);
      if (!maker) continue;
      const [name, change] = argumentsOf(call);
      // Some aggregates are only ever created, or only ever changed: the other statement is never sent.
      if (maker.commits && change && /WHERE false/.test(source.textOf(change))) continue;
      note(source, call, name, maker.commits);
    }
  }
  return { found, unnamed };
}

/** The functions of a file whose own parameter becomes the name of a statement. */
function makersIn(source: Source): Maker[] {
  const found: Maker[] = [];
  walk(source.tree, (node, within) => {
    const { name, commits = false } = (node.type === "ObjectExpression" && statementIn(node)) || {};
    if (name?.type !== "Identifier") return;
    const maker = within.findLast((it) => it.type === "FunctionDeclaration");
    const parameters: Node[] = maker?.params ?? [];
    if (!parameters.some(({ pat }) => pat?.value === name.value)) return;
    found.push({ path: source.path, name: maker?.identifier.value, commits });
  });
  return found;
}

function statementIn(node: Node): { name: Node | undefined; text: Node | undefined; commits: boolean } | undefined {
  const properties = propertiesOf(node);
  const [name, text] = [properties.get("name"), properties.get("text")];
  return name && text ? { name, text, commits: properties.has("commits") } : undefined;
}
