// The list of all places where a process can be made to fail, from the code: each failpoint() says kind and moment, and
// where it stands for many, the code says what those are: statements, facts, steps, calls.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Forgetting } from "#kit/erasing.js";
import { kitRules, type Rule } from "#kit/retention.js";
import { callsIn, forwarded } from "./calls.js";
import { type Code, codeOf } from "./code.js";
import { announcedIn, factsIn, stepsIn } from "./handlers.js";
import {
  argumentsOf,
  calleeOf,
  type Found,
  type Node,
  nodesOf,
  propertiesOf,
  type Source,
  sourcesOf,
  wordsOf,
} from "./source.js";
import { type FoundStatement, statementsOf } from "./statements.js";

/** One place: `name` as FAILPOINT takes it. */
export type Place = Found & {
  readonly name: string;
  readonly service: string;
  readonly kind: string;
  readonly moment: string;
};

/** A process, and what its code is. */
type Process = {
  readonly name: string;
  readonly own: readonly Source[];
  readonly loaded: ReadonlySet<string>;
  readonly announces: boolean;
  readonly listens: boolean;
  readonly joins: boolean;
  readonly sealed: boolean;
};

/** One failpoint() in the code; `what` only if it stands for one thing alone. */
export type Site = {
  readonly kinds: readonly string[];
  readonly what: string | undefined;
  readonly moment: string;
  readonly path: string;
  readonly at: string;
};

/** All places of a checkout, by name. */
export async function placesOf(root: string): Promise<Place[]> {
  const code = codeOf(sourcesOf(root));
  const sites = [...code.sources.values()].flatMap(sitesIn);
  const { found: statements } = statementsOf(code);
  const byName = new Map<string, Place>();
  for (const process of processesOf(code)) {
    const whats = await whatsOf(root, code, process, statements);
    for (const site of sites.filter(({ path }) => concerns(process, path))) {
      for (const kind of site.kinds) {
        const one = site.what === undefined ? (whats[kind] ?? []) : [{ what: site.what, at: site.at }];
        for (const { what, at } of one) {
          const name = `${process.name}.${kind}.${what}.${site.moment}`;
          if (!byName.has(name)) byName.set(name, { name, service: process.name, kind, what, moment: site.moment, at });
        }
      }
    }
  }
  return [...byName.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** The file that all of them come from. */
export const failpoints = "services/_kit/failpoint.ts";

/** The failpoints of a file. @throws Error if kind or moment of one is not written out */
export function sitesIn(source: Source): Site[] {
  if (source.path === failpoints) return [];
  return nodesOf(source, "CallExpression")
    .filter((call) => calleeOf(call) === "failpoint")
    .map((call) => {
      const [kinds, what, moments] = argumentsOf(call).map(wordsOf);
      const [at, moment] = [source.placeOf(call), moments?.[0]];
      if (!kinds || !moment) throw new Error(`${at} must write out its kind and its moment`);
      return { kinds, what: what?.[0], moment, path: source.path, at };
    });
}

function processesOf(code: Code): Process[] {
  return [...code.sources.values()]
    .filter(({ path }) => path.endsWith("/main.ts"))
    .flatMap((main) => {
      const run = nodesOf(main, "CallExpression").find((call) => calleeOf(call) === "runProcess");
      const [name] = wordsOf(run && argumentsOf(run)[0]) ?? [];
      if (name === undefined) return [];
      const folder = main.path.slice(0, -"main.ts".length);
      const own = [...code.sources.values()].filter(({ path }) => path.startsWith(folder));
      const opened = own
        .flatMap((source) => nodesOf(source, "CallExpression"))
        .find((call) => ["openService", "openSealedService"].includes(calleeOf(call)));
      const options = opened && propertiesOf(argumentsOf(opened)[2] as Node);
      return [
        {
          name,
          own,
          loaded: code.loadedBy(main.path),
          announces: options?.get("announces")?.value === true,
          listens: own.some((source) => factsIn(source).length > 0),
          // Whose clock the others join has one of its own.
          joins: options !== undefined && !options.has("clock"),
          sealed: opened !== undefined && calleeOf(opened) === "openSealedService",
        },
      ];
    });
}

/** Whether a process ever comes to the places of a file. All of them load the kit's; not all use all of it. */
function concerns({ loaded, announces, listens, sealed }: Process, path: string): boolean {
  if (path === "services/_kit/vault.ts") return sealed;
  if (path === "services/_kit/bus.ts") return listens;
  if (path === "services/_kit/outbox.ts") return announces;
  return loaded.has(path);
}

async function whatsOf(
  root: string,
  code: Code,
  process: Process,
  statements: readonly FoundStatement[],
): Promise<Readonly<Record<string, readonly Found[]>>> {
  const { name, own, loaded, announces, joins } = process;
  const its = statements.filter(({ path }) => concerns(process, path));
  const clock = joins ? [code.sources.get("services/_kit/clock.ts") as Source] : [];
  const callers = [...own, ...clock];
  const ruled = loaded.has("services/_kit/retention.ts") ? await ruledOf(root, process) : [];
  return {
    commit: its.filter(({ kind }) => kind === "commit"),
    write: [...its.filter(({ kind }) => kind === "write"), ...ruled],
    publish: announces ? announcedIn(own, name) : [],
    fact: own.flatMap(factsIn),
    step: own.flatMap((source) => stepsIn(code, source)),
    call: name === "gateway" ? [...callsIn(callers), ...forwarded("gateway/upstream.ts")] : callsIn(callers),
  };
}

/** The statements that are named by rules: what is past its time, and what is written over when somebody is forgotten. */
async function ruledOf(root: string, { own }: Process): Promise<Found[]> {
  const found = kitRules.map(({ name }) => ({ what: `retention.${name}`, at: "services/_kit/retention.ts" }));
  for (const { path } of own.filter((it) => /\/(retention|forgetting)\.ts$/.test(it.path))) {
    const rules: { retention?: readonly Rule[]; forgetting?: Forgetting } = await import(
      pathToFileURL(join(root, path)).href
    );
    found.push(...(rules.retention ?? []).map(({ name }) => ({ what: `retention.${name}`, at: path })));
    found.push(...(rules.forgetting?.statements ?? []).map(({ name }) => ({ what: name, at: path })));
  }
  return found;
}
