// Who may call what, all of it: every rpc and every route, by every role, with every kind of wrong token as each of them.
// `npm test` asks the same with one role for each wrong token.
import { rmSync } from "node:fs";
import { roles } from "#kit/contracts.js";
import { passingFolder } from "#kit/local/folder.js";
import { serviceNames } from "../scripts/mesh/services.js";
import { openDesk } from "./desk.js";
import { askAll, byRole, byWrong, type Cell, headersOf, routesOf, rpcsOf, wrongsOf } from "./matrix/cells.js";
import { openGrpcDoors } from "./matrix/grpc.js";
import { byKey } from "./matrix/keys.js";
import { openFrontDoor } from "./matrix/rest.js";
import { makeKeys, openTokens, personRoles } from "./matrix/tokens.js";
import { counter, number, type Proof, type Say } from "./proof.js";

type Doors = Awaited<ReturnType<typeof openDoors>>;

/** A whole mesh that believes the matrix's tokens, and its doors. */
export async function openDoors(say: Say) {
  const folder = passingFolder("matrix");
  const keys = await makeKeys(folder);
  const env = { TOKEN_ISSUERS: keys.trusted };
  const desk = await openDesk({ settings: () => Object.fromEntries(serviceNames.map((name) => [name, env])) }, say);
  const services = openGrpcDoors((service) => desk.mesh.addresses[service]);
  const front = openFrontDoor(desk.mesh.gatewayUrl);
  return {
    tokens: openTokens(keys, desk.meshSecret),
    services,
    front,
    gatewayUrl: desk.mesh.gatewayUrl,
    close: async () => {
      services.close();
      front.close();
      await desk.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function provenMatrix({ tokens, services, front, gatewayUrl }: Doors, say: Say): Promise<Proof[]> {
  const [rpcs, routes] = [rpcsOf(services), routesOf(front)];
  const people = await headersOf(tokens.person);
  const everybody = await headersOf(tokens.passedOn, roles.all);
  const atServices = await wrongsOf(tokens, "at the services");
  const atFront = await wrongsOf(tokens, "at the front door");
  const kinds = (wrongs: typeof atFront) => Object.keys(wrongs.get("CUSTOMER") ?? {}).length;
  return [
    await proven("rpcs by role, at the services: in where the contract names the role, refused elsewhere", say, [
      ...byRole(rpcs, "in person", people),
      ...byRole(rpcs, "passed on", everybody),
    ]),
    await proven(
      `rpcs with ${kinds(atServices)} kinds of wrong token as every role, at the services: nobody gets in`,
      say,
      byWrong(rpcs, atServices, roles.all),
    ),
    await proven(
      "routes by role, at the front door: in where the contract names the role, refused elsewhere",
      say,
      byRole(routes, "in person", people),
    ),
    await proven(
      `routes with ${kinds(atFront)} kinds of wrong token as every role, at the front door: nobody gets in`,
      say,
      byWrong(routes, atFront, personRoles),
    ),
    await proven(
      "routes by sellers' and carriers' keys: what they are for and nothing else, and by none that is wrong or over",
      say,
      await byKey(front, gatewayUrl, await tokens.person("OPERATOR")),
    ),
  ];
}

async function proven(asked: string, say: Say, cells: readonly Cell[]): Promise<Proof> {
  const { otherwise } = await askAll(cells, counter(say, asked, cells.length));
  return {
    asked,
    counted: [
      `${number(cells.length)} asked, ${number(cells.length - otherwise.length)} met as declared`,
      ...otherwise.slice(0, 20),
    ].join("\n  "),
    ok: otherwise.length === 0 && cells.length > 0,
  };
}
