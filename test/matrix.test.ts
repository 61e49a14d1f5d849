// Who may call what, asked of the running mesh: every rpc at its service and every route at the front door, by every role
// and with every kind of wrong token. The contracts say how each is met.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import type { Env } from "#kit/config.js";
import { roles } from "#kit/contracts.js";
import { passingFolder } from "#kit/local/folder.js";
import { meshSecret } from "#kit/testing/stage.js";
import { askAll, byRole, byWrong, headersOf, routesOf, rpcsOf, wrongsOf } from "../prove/matrix/cells.js";
import { type GrpcDoors, openGrpcDoors } from "../prove/matrix/grpc.js";
import { byKey } from "../prove/matrix/keys.js";
import { type FrontDoor, openFrontDoor } from "../prove/matrix/rest.js";
import { makeKeys, openTokens, personRoles, type Tokens } from "../prove/matrix/tokens.js";
import { serviceNames } from "../scripts/mesh/services.js";
import { type Mesh, openMesh } from "./mesh.js";

const addressOf = (mesh: Mesh) => (service: string) => mesh.env("gateway")[`${service.toUpperCase()}_ADDRESS`] ?? "";
const everywhere = (env: Env) => Object.fromEntries(serviceNames.map((name) => [name, env]));

async function hold(cells: Parameters<typeof askAll>[0], atLeast: number): Promise<void> {
  const { asked, otherwise } = await askAll(cells);
  assert.deepEqual(otherwise, []);
  assert.ok(asked >= atLeast, `only ${asked} were asked`);
}

describe("who may call what", function () {
  this.timeout(60_000);
  const folder = passingFolder("matrix");
  let mesh: Mesh;
  let tokens: Tokens;
  let services: GrpcDoors;
  let door: FrontDoor;

  before(async () => {
    const keys = await makeKeys(folder);
    tokens = openTokens(keys, meshSecret);
    mesh = await openMesh({ settings: everywhere({ TOKEN_ISSUERS: keys.trusted }) });
    services = openGrpcDoors(addressOf(mesh));
    door = openFrontDoor(mesh.gatewayUrl);
  });
  after(async () => {
    services?.close();
    door?.close();
    await mesh?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("at the services: each role that an rpc names gets in, and no other", async () => {
    const rpcs = rpcsOf(services);
    await hold(byRole(rpcs, "in person", await headersOf(tokens.person)), 1500);
    await hold(byRole(rpcs, "passed on", await headersOf(tokens.passedOn, roles.all)), 1500);
  });

  it("at the services: no token that is wrong in any way gets anybody anywhere", async () => {
    await hold(byWrong(rpcsOf(services), await wrongsOf(tokens, "at the services")), 3500);
  });

  it("at the front door: each role that a route names gets in, and no other", async () => {
    await hold(byRole(routesOf(door), "in person", await headersOf(tokens.person)), 800);
  });

  it("at the front door: no token that is wrong in any way gets anybody anywhere, nor does the mesh's own", async () => {
    await hold(byWrong(routesOf(door), await wrongsOf(tokens, "at the front door")), 2000);
  });

  it("at the front door: keys open what they are for and nothing else, and those that are over open nothing", async () => {
    await hold(await byKey(door, mesh.gatewayUrl, await tokens.person("OPERATOR")), 1000);
  });
});

describe("services that believe the mesh alone", function () {
  this.timeout(60_000);

  it("let nobody in by a token of their own, and everybody as before whom the mesh passes on", async () => {
    const folder = passingFolder("matrix");
    const keys = await makeKeys(folder);
    const tokens = openTokens(keys, meshSecret);
    const mesh = await openMesh({ settings: everywhere({ TOKEN_ISSUERS: "[]" }) });
    const services = openGrpcDoors(addressOf(mesh));
    const people = await headersOf(tokens.person);
    const inPerson = new Map([...people].map(([role, header]) => [role, { "of their own": header }]));
    const rpcs = rpcsOf(services);
    try {
      await hold(byWrong(rpcs, inPerson, personRoles), 1500);
      await hold(byRole(rpcs, "passed on", await headersOf(tokens.passedOn, roles.all)), 1500);
    } finally {
      services.close();
      await mesh.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
