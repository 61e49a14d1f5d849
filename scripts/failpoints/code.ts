// What one file leads to: what it imports, and what stands behind a name in it.
import { dirname, join } from "node:path/posix";
import { type Node, nodesOf, type Source, walk } from "./source.js";

/** The sources by path, and how they hang together. */
export type Code = {
  readonly sources: ReadonlyMap<string, Source>;
  /** The files that a process loads that starts with this one. */
  loadedBy(main: string): ReadonlySet<string>;
  /** All the text that a node stands for: its own, and that of the names in it, wherever they are declared. */
  fullText(source: Source, node: Node): string;
  /** What stands behind a name of a file, there or where it is imported from, and in which file that is. */
  behind(source: Source, name: string): { readonly path: string; readonly declarations: readonly Node[] };
};

export function codeOf(all: readonly Source[]): Code {
  const sources = new Map(all.map((source) => [source.path, source]));
  const imports = new Map(all.map((source) => [source.path, importsOf(source)]));
  const declared = new Map(all.map((source) => [source.path, declarationsOf(source)]));

  function loadedBy(main: string): ReadonlySet<string> {
    const found = new Set<string>();
    const go = (path: string): void => {
      if (found.has(path) || !sources.has(path)) return;
      found.add(path);
      for (const { from } of imports.get(path) ?? []) go(from);
    };
    go(main);
    return found;
  }

  function behind(source: Source, name: string) {
    const here = declared.get(source.path)?.get(name);
    if (here) return { path: source.path, declarations: here };
    const imported = imports.get(source.path)?.find(({ local }) => local === name);
    const path = imported?.from ?? "";
    return { path, declarations: declared.get(path)?.get(imported?.name ?? "") ?? [] };
  }

  function fullText(source: Source, node: Node): string {
    const seen = new Set<string>();
    const texts: string[] = [];
    const go = (of: Source, part: Node): void => {
      texts.push(of.textOf(part));
      walk(part, (inner) => {
        if (inner.type !== "Identifier" || seen.has(`${of.path} ${inner.value}`)) return;
        seen.add(`${of.path} ${inner.value}`);
        const { path, declarations } = behind(of, inner.value);
        for (const declaration of declarations) go(sources.get(path) as Source, declaration);
      });
    };
    go(source, node);
    return texts.join("\n");
  }

  return { sources, loadedBy, fullText, behind };
}

type Imported = { readonly local: string; readonly name: string; readonly from: string };

/** Names of values that a file takes from others of the checkout; a file that is only run has no names. */
function importsOf(source: Source): Imported[] {
  const found: Imported[] = [];
  const statements = nodesOf(source, "ImportDeclaration", "ExportNamedDeclaration", "ExportAllDeclaration");
  for (const node of statements.filter((it) => it.source && !it.typeOnly)) {
    const from = pathOf(source.path, node.source.value);
    const values = ((node.specifiers ?? []) as Node[]).filter(({ isTypeOnly }) => !isTypeOnly);
    const names = values.map((it) => ({
      local: it.local?.value ?? it.orig?.value ?? "",
      name: it.imported?.value ?? it.local?.value ?? it.orig?.value ?? "",
      from,
    }));
    // Types alone, each said to be one: nothing is loaded for them.
    if ((node.specifiers ?? []).length > 0 && values.length === 0) continue;
    found.push(...(names.length > 0 ? names : [{ local: "", name: "", from }]));
  }
  return found;
}

function pathOf(importer: string, name: string): string {
  const path = name.startsWith("#kit/") ? name.replace("#kit", "services/_kit") : join(dirname(importer), name);
  return path.replace(/\.js$/, ".ts");
}

/** What stands behind each name of a file, wherever in it that is declared. */
function declarationsOf(source: Source): Map<string, Node[]> {
  const found = new Map<string, Node[]>();
  const add = (name: string, node: Node) => found.set(name, [...(found.get(name) ?? []), node]);
  for (const node of nodesOf(source, "VariableDeclarator", "FunctionDeclaration")) {
    if (node.type === "FunctionDeclaration") add(node.identifier.value, node.body);
    else if (node.id.type === "Identifier" && node.init) add(node.id.value, node.init);
  }
  return found;
}
