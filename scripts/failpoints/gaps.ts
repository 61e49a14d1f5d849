// Boundaries without a place to fail at: where a process writes to Postgres, publishes, acknowledges or asks somebody else,
// and no failpoint() stands before it, or none after it. The check prints them.
import { writing } from "#kit/postgres.js";
import { type Code, codeOf } from "./code.js";
import { failpoints, sitesIn } from "./places.js";
import { argumentsOf, calleeOf, isFunction, type Node, nodesOf, type Source, walk } from "./source.js";
import { statementsOf } from "./statements.js";

/** All gaps, a line each: services/_kit/bus.ts:177 ack() has no failpoint after it */
export function gapsIn(sources: readonly Source[]): string[] {
  const code = codeOf(sources);
  const { unnamed } = statementsOf(code);
  const unlisted = unnamed.map((at) => `${at} writes under a name that is put together: nobody can list it`);
  return [...unlisted, ...sources.flatMap((source) => uncovered(code, source))];
}

function uncovered(code: Code, source: Source): string[] {
  if (source.path === failpoints) return [];
  sitesIn(source); // throws where one does not say what it is
  const asking = askersOf(source);
  const events: Event[] = [];
  walk(source.tree, (node, within) => {
    if (node.type !== "CallExpression") return;
    const boundary = boundaryOf(code, source, node, within, asking);
    if (boundary !== undefined || calleeOf(node) === "failpoint") {
      events.push({ node, boundary, blocks: blocksAround(within) });
    }
  });
  return events.flatMap((event) => gapsAt(source, event, events));
}

/** A call that is a boundary, as it shall be told, or a failpoint; and the blocks it is done in, the innermost first. */
type Event = { readonly node: Node; readonly boundary: string | undefined; readonly blocks: readonly Node[] };

/** What is missing at a boundary: what is done right before it is to be a failpoint, and so is what is done next. */
function gapsAt(source: Source, { node, boundary, blocks }: Event, events: readonly Event[]): string[] {
  if (boundary === undefined) return [];
  const { start, end } = node.span;
  const nearest = (ofBlock: (block: Node) => Event | undefined) =>
    blocks.map(ofBlock).find((event) => event !== undefined);
  const inBlock = (block: Node) => events.filter((event) => event.blocks[0] === block);
  const before = nearest((block) => inBlock(block).findLast((event) => event.node.span.start < start));
  const after = nearest((block) => inBlock(block).find((event) => event.node.span.start >= end));
  const sides = Object.entries({ before, after });
  const missing = sides
    .filter(([, event]) => event === undefined || event.boundary !== undefined)
    .map(([side]) => side);
  if (missing.length === 0) return [];
  return [`${source.placeOf(node)} ${boundary} has no failpoint ${missing.join(" and none ")} it`];
}

/** The blocks of the function that something is done by: its own, or while that is only handed to a call, the one around it. */
function blocksAround(within: readonly Node[]): Node[] {
  const found: Node[] = [];
  for (let at = within.length - 1; at >= 0; at--) {
    const node = within[at] as Node;
    if (["BlockStatement", "FunctionBody", "Module"].includes(node.type)) found.push(node);
    if (isFunction(node) && !isHandedOver(within.slice(0, at))) break;
  }
  return found;
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
  code: Code,
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
  // What the kit has a service do: with it, what the service does of its own accord begins and ends.
  const handled = source.textOf(call.callee);
  if (/^handler\.(run|giveUp)$/.test(handled) || (handled === "handler" && asking.has("bus"))) return `${handled}()`;
  if (member && busCalls.test(name) && asking.has("bus")) return `${name}()`;
  if (member && prismaWrites.test(name) && /\b(prisma|reader)\b/.test(source.textOf(call.callee.object)))
    return `${name}()`;
  return member && name === "query" && lasts(code, source, call, within) ? "the statement" : undefined;
}

/** Whether a statement that is sent as it stands makes something last: on its own, or by the end of its transaction. */
function lasts(code: Code, source: Source, call: Node, within: readonly Node[]): boolean {
  const sql = ({ arguments: [text] }: Node) => source.textOf(text?.expression ?? source.tree).slice(1);
  const around = within.findLast(isFunction) ?? source.tree;
  const sent: string[] = [];
  walk(around, (node) => {
    if (node.type === "CallExpression" && calleeOf(node) === "query") sent.push(sql(node));
  });
  const begun = sent.find((it) => it.startsWith("BEGIN"));
  const ends = sql(call).startsWith("COMMIT");
  if (begun !== undefined) return ends && !begun.includes("READ ONLY");
  const [sends] = argumentsOf(call);
  if (ends || !sends || !/\b(client|pool)$/.test(source.textOf(call.callee.object))) return ends;
  // Past the pool, which knows what statements do: one that nobody knows may do anything.
  const text = code.fullText(source, sends);
  return writing.test(text) || !/\b(SELECT|DECLARE|FETCH|SET LOCAL)\b/.test(text);
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
