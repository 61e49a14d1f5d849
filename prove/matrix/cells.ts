// The matrix of who may call what, cell by cell: what is asked, and how the contract says that one is met. Whole in
// `npm run prove -- --only matrix`, with one role for each wrong token in test/matrix.test.ts.
import { accessOf, type RoleWord, roles } from "#kit/contracts.js";
import { atOnce } from "../proof.js";
import { type GrpcDoors, type Met, methods } from "./grpc.js";
import { type FrontDoor, routes } from "./rest.js";
import { type Header, personRoles, type Tokens, type Wrongs } from "./tokens.js";

export type Cell = {
  /** What is asked, by whom, such as "RefundService/GetRefund by CUSTOMER". */
  readonly what: string;
  readonly declared: Met;
  readonly ask: () => Promise<Met>;
};

/** Something that can be asked for: an rpc at its service, or a route at the front door. */
type Target = {
  readonly name: string;
  readonly allowed: ReadonlySet<RoleWord>;
  /** Whether somebody gets in who sends no token. */
  readonly withoutToken: boolean;
  ask(header: Header): Promise<Met>;
};

export function rpcsOf(doors: GrpcDoors): Target[] {
  return methods.map((method) => ({
    name: `${method.parent.typeName}/${method.name}`,
    allowed: accessOf(method).roles,
    withoutToken: false, // services believe whom the edge lets in, and nobody else
    ask: (header) => doors.ask(method, header),
  }));
}

export function routesOf(door: FrontDoor): Target[] {
  return routes.map((route) => ({
    name: `${route.verb} ${route.template.text}`,
    allowed: route.access.roles,
    withoutToken: route.access.withoutToken,
    ask: (header) => door.ask(route, header),
  }));
}

/** Every target by every role that a header is given for: let in where the contract names the role, refused elsewhere. */
export function byRole(targets: readonly Target[], how: string, headers: ReadonlyMap<RoleWord, Header>): Cell[] {
  return targets.flatMap(({ name, allowed, ask }) =>
    [...headers].map(([role, header]) => ({
      what: `${name} by ${role}, ${how}`,
      declared: allowed.has(role) ? "let in" : "refused",
      ask: () => ask(header),
    })),
  );
}

/** Every target with every wrong token: as a role that would be let in, or as each of these roles. */
export function byWrong(
  targets: readonly Target[],
  wrongs: ReadonlyMap<RoleWord, Wrongs>,
  as?: readonly RoleWord[],
): Cell[] {
  return targets.flatMap(({ name, allowed, withoutToken, ask }) =>
    (as ?? [...allowed].slice(0, 1)).flatMap((role) =>
      Object.entries(wrongs.get(role) ?? {}).map(([what, header]) => ({
        what: `${name} by ${role}, token ${what}`,
        declared: withoutToken && header === undefined ? "let in" : "nobody",
        ask: () => ask(header),
      })),
    ),
  );
}

/** Headers for every person's role. */
export async function headersOf(make: (role: RoleWord) => Promise<string>, of = personRoles as readonly RoleWord[]) {
  return new Map<RoleWord, Header>(await Promise.all(of.map(async (role) => [role, await make(role)] as const)));
}

/** All that is wrong at a door, for every role. What services use among each other is wrong at the front door, too. */
export async function wrongsOf(tokens: Tokens, where: "at the services" | "at the front door") {
  const all = roles.all.map(async (role): Promise<[RoleWord, Wrongs]> => {
    const wrong = await tokens.wrong(role);
    return [role, where === "at the services" ? wrong : { ...wrong, "of the mesh": await tokens.passedOn(role) }];
  });
  return new Map(await Promise.all(all));
}

/** Asks all of it; what was met otherwise than declared is said, cell by cell. */
export async function askAll(cells: readonly Cell[], onDone: (done: number) => void = () => {}) {
  let done = 0;
  const met = await atOnce(cells, 32, async ({ ask }) => {
    const answer = await ask();
    onDone(++done);
    return answer;
  });
  const otherwise = cells.flatMap(({ what, declared }, i) =>
    met[i] === declared ? [] : [`${what}: ${met[i]}, not ${declared}`],
  );
  return { asked: cells.length, otherwise };
}
