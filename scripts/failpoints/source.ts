// The sources of the processes, parsed: what the list of failpoints is made from, and what the check looks through.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "@swc/core";

/** A node of swc's tree, of which only what is asked for is told. */
export type Node = {
  readonly type: string;
  readonly span: { readonly start: number; readonly end: number };
  // biome-ignore lint/suspicious/noExplicitAny: shaped by its type
  readonly [key: string]: any;
};

/** One file. */
export type Source = {
  /** From the checkout: services/refund/store.ts */
  readonly path: string;
  readonly tree: Node;
  textOf(node: Node): string;
  /** services/refund/store.ts:82 */
  placeOf(node: Node): string;
};

/** Something that has places to fail at, and where it stands. */
export type Found = { readonly what: string; readonly at: string };

const folders = ["services", "gateway", "adapters"];
/** What no process of the mesh runs: tests, what they stand on, the local machine's own servers, generated clients. */
const outside = /\/(test|testing|prisma)\/|\.test\.ts$|^services\/_kit\/local\/|^gateway\/openapi\/writeTypes\.ts$/;

/** All that the processes of a checkout are made of. */
export function sourcesOf(root: string): Source[] {
  return folders
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((name) => `${folder}/${name}`))
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".ts") && !outside.test(path))
    .sort()
    .map((path) => parse(path, readFileSync(join(root, path), "utf8")));
}

export function parse(path: string, text: string): Source {
  // Spans count bytes from the first statement of a file; this one stands where the file begins.
  const bytes = Buffer.from(`;${text}`);
  const tree = parseSync(bytes.toString(), { syntax: "typescript" }) as unknown as Node & { body: Node[] };
  const begin = tree.body[0]?.span.start ?? 0;
  return {
    path,
    tree,
    textOf: ({ span }) => bytes.subarray(span.start - begin, span.end - begin).toString(),
    placeOf: ({ span }) => {
      const before = bytes.subarray(0, span.start - begin);
      return `${path}:${before.toString().split("\n").length}`;
    },
  };
}

/** Visits a node and all below it, each with what it stands in, the innermost last. */
export function walk(node: Node, visit: (node: Node, within: readonly Node[]) => void): void {
  const within: Node[] = [];
  const go = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    // Lists, and such as an argument of a call: holders of nodes, and none themselves.
    const isNode = typeof (value as Node).type === "string";
    if (isNode) {
      visit(value as Node, within);
      within.push(value as Node);
    }
    for (const part of Object.values(value)) go(part);
    if (isNode) within.pop();
  };
  go(node);
}

/** All nodes of these types. */
export function nodesOf({ tree }: Source, ...types: readonly string[]): Node[] {
  const found: Node[] = [];
  walk(tree, (node) => {
    if (types.includes(node.type)) found.push(node);
  });
  return found;
}

/** What an expression is without `as`, `satisfies` and parentheses. */
export function bare(node: Node | undefined): Node | undefined {
  const wraps = ["TsAsExpression", "TsSatisfiesExpression", "TsConstAssertion", "ParenthesisExpression"];
  return node && wraps.includes(node.type) ? bare(node.expression) : node;
}

/** The words that an expression may come to, if it is one or a choice of some. */
export function wordsOf(expression: Node | undefined): string[] | undefined {
  const node = bare(expression);
  if (node?.type === "StringLiteral") return [node.value];
  if (node?.type === "TemplateLiteral" && node.expressions.length === 0) return [node.quasis[0].cooked];
  if (node?.type !== "ConditionalExpression") return undefined;
  const [yes, no] = [wordsOf(node.consequent), wordsOf(node.alternate)];
  return yes && no ? [...yes, ...no] : undefined;
}

/** The arguments of a call. */
export function argumentsOf(call: Node): Node[] {
  return (call.arguments ?? []).map(({ expression }: { expression: Node }) => expression);
}

/** The name a call goes by: `insert` in insert(…), `ack` in message.ack(…). */
export function calleeOf({ callee }: Node): string {
  if (callee.type === "Identifier") return callee.value;
  return callee.type === "MemberExpression" && callee.property.type === "Identifier" ? callee.property.value : "";
}

/** The parts of an object that have names, by name; methods stand for themselves. */
export function propertiesOf(object: Node): Map<string, Node> {
  const found = new Map<string, Node>();
  for (const property of object.properties as Node[]) {
    if (property.type === "Identifier") found.set(property.value, property);
    const key = property.key as Node | undefined;
    const name = key?.type === "Identifier" || key?.type === "StringLiteral" ? key.value : undefined;
    if (name !== undefined) found.set(name, property.value ?? property);
  }
  return found;
}

const functions = [
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunctionExpression",
  "MethodProperty",
  "ClassMethod",
];

export function isFunction({ type }: Node): boolean {
  return functions.includes(type);
}
