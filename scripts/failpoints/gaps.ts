// Boundaries without a place to fail at: where a process writes to Postgres, publishes, acknowledges or asks somebody else,
// and no failpoint() stands before it, or none after it. The check prints them.
import { writing } from "#kit/postgres.js";
import { codeOf } from "./code.js";
import { failpoints, sitesIn } from "./places.js";
import { argumentsOf, calleeOf, isFunction, type Node, nodesOf, type Source, walk } from "./source.js";
import { statementsOf } from "./statements.js";

/** All gaps, a line each: services/_kit/bus.ts:177 ack() has no failpoint after it */
export function gapsIn(sources: readonly Source[]): string[] {
  const { unnamed } = statementsOf(codeOf(sources));
  const unlisted = unnamed.map((at) => `${at} writes under a name that is put together: nobody can list it`);
  return [...unlisted, ...sources.flatMap(uncovered)];
}

function uncovered(source: Source): string[] {
  if (source.path === failpoints) return [];
  sitesIn(source); // throws where one does not say what it is
  const gaps: string[] = [];
  const asking = askersOf(source);
  walk(source.tree, (node, within) => {
    const name = node.type === "CallExpression" ? boundaryOf(source, node, within, asking) : undefined;
    if (name === undefined) return;
    const missing = aroundOf(source, within).map((around) => missingAround(around, node));
    if (missing.some((sides) => sides.length === 0)) return;
    // What is nearest to being covered says best what to add.
    const [least] = missing.sort((one, other) => one.length - other.length);
    gaps.push(`${source.placeOf(node)} ${name} has no failpoint ${least?.join(" and none ")} it`);
  });
  return gaps;
}

/** The functions that a boundary runs in: its own, and while that is only handed to a call, the one around it. */
function aroundOf({ tree }: Source, within: readonly Node[]): Node[] {
  const found: Node[] = [];
  for (let at = within.length - 1; at >= 0; at--) {
    if (!isFunction(within[at] as Node)) continue;
    found.push(within[at] as Node);
    if (!isHandedOver(within.slice(0, at))) return found;
  }
  return found.length > 0 ? found : [tree];
}

/** On which sides of a boundary a function has no place to fail at; what other functions have is theirs. */
function missingAround(around: Node, boundary: Node): ("before" | "after")[] {
  const [begin, end] = [boundary.span.start, boundary.span.end];
  const sites: number[] = [];
  walk(around, (node, within) => {
    if (node.type !== "CallExpression" || calleeOf(node) !== "failpoint") return;
    const theirs = within.some((it, at) => at > 0 && isFunction(it) && !isHandedOver(within.slice(0, at)));
    if (!theirs) sites.push(node.span.start);
  });
  const missing: ("before" | "after")[] = [];
  if (!sites.some((at) => at < begin)) missing.push("before");
  if (!sites.some((at) => at > end)) missing.push("after");
  return missing;
}

/** Whether what stands in these is handed to a call: new Promise((resolve) => …) */
function isHandedOver(within: readonly Node[]): boolean {
  return ["CallExpression", "NewExpression"].includes(within.at(-1)?.type ?? "");
}

const clientCalls = /^make(Unary|ServerStream|ClientStream|BidiStream)Request$/;
const busCalls = /^(publish|request|ack|ackAck|nak|term|working)$/;
const fileCalls = /^(appendFile|writeFile)(Sync)?$/;
const prismaWrites =
  /^(create|update|upsert|delete)(Many)?(AndReturn)?$|^\$(executeRaw|queryRaw)(Unsafe)?$|^\$transaction$/;

/** What a call does to somebody else, if it does; as it shall be told. */
function boundaryOf(
  source: Source,
  call: Node,
  within: readonly Node[],
  asking: ReadonlySet<string>,
): string | undefined {
  const name = calleeOf(call);
  const member = call.callee.type === "MemberExpression";
  if (clientCalls.test(name) || fileCalls.test(name)) return `${name}()`;
  if (name === "fetch" && !member) return "fetch()";
  if (asksByHttp(call.callee, asking)) return "the request";
  if (member && busCalls.test(name) && asking.has("bus")) return `${name}()`;
  if (member && prismaWrites.test(name) && /\b(prisma|reader)\b/.test(source.textOf(call.callee.object)))
    return `${name}()`;
  return member && name === "query" && lasts(source, call, within) ? "the statement" : undefined;
}

/** Whether a statement that is sent as it stands makes something last: on its own, or by the end of its transaction. */
function lasts(source: Source, call: Node, within: readonly Node[]): boolean {
  const sql = ({ arguments: [text] }: Node) => source.textOf(text?.expression ?? source.tree).slice(1);
  const around = within.findLast(isFunction) ?? source.tree;
  const sent: string[] = [];
  walk(around, (node) => {
    if (node.type === "CallExpression" && calleeOf(node) === "query") sent.push(sql(node));
  });
  const begun = sent.find((it) => it.startsWith("BEGIN"));
  const ends = sql(call).startsWith("COMMIT");
  if (begun !== undefined) return ends && !begun.includes("READ ONLY");
  return ends || (isText(argumentsOf(call)[0]) && writing.test(sql(call)));
}

function isText(node: Node | undefined): boolean {
  return node?.type === "TemplateLiteral" || node?.type === "StringLiteral";
}

/** Names by which a file asks over HTTP; "bus", if it has to do with the broker. */
function askersOf(source: Source): ReadonlySet<string> {
  return new Set(
    nodesOf(source, "ImportDeclaration").flatMap(({ source: from, specifiers }) => {
      if (/^(nats|@nats-io\/.+)$/.test(from.value)) return ["bus"];
      if (!/^(node:)?(http|https|http2)$|^undici$/.test(from.value)) return [];
      const named = specifiers.filter((it: Node) =>
        /^(request|get|connect|fetch)$/.test((it.imported ?? it.local).value),
      );
      return named.map((it: Node) => it.local.value);
    }),
  );
}

/** By its name, or by the choice of two: (secure ? httpsRequest : httpRequest)(url) */
function asksByHttp(callee: Node, asking: ReadonlySet<string>): boolean {
  if (callee.type === "Identifier") return callee.value !== "bus" && asking.has(callee.value);
  if (callee.type === "ParenthesisExpression") return asksByHttp(callee.expression, asking);
  return (
    callee.type === "ConditionalExpression" &&
    [callee.consequent, callee.alternate].some((one: Node) => asksByHttp(one, asking))
  );
}
