import assert from "node:assert/strict";
import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { passingFolder } from "#kit/local/folder.js";
import { EPHEMERAL } from "#kit/local/ports.js";
import { isAlive } from "#kit/local/processes.js";
import { launchMesh, type Mesh, type MeshOptions } from "../mesh/launch.js";
import { root } from "../mesh/places.js";
import { serving } from "../mesh/ready.js";
import { defaultPorts, serviceNames } from "../mesh/services.js";

// One service is enough to see the launcher's part: refund needs the databases, and real time will do for its clock.
const refundAlone: MeshOptions = { services: ["refund"], ports: "free", env: { refund: { CLOCK_ADDRESS: "real" } } };

describe("launchMesh", function () {
  this.timeout(60_000);
  const open: Mesh[] = [];
  const dirs: string[] = [];

  const launch = async (options: MeshOptions = {}) => {
    const mesh = await launchMesh({ ...refundAlone, dir: folder(), ...options });
    open.push(mesh);
    return mesh;
  };
  const folder = () => {
    const dir = passingFolder("mesh");
    dirs.push(dir);
    return dir;
  };

  afterEach(async () => {
    for (const mesh of open.splice(0)) await mesh.stop();
    for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
  });

  it("knows the ports of the services, which no outgoing connection is given", () => {
    const usual = Object.entries(defaultPorts);
    for (const [name, port] of usual) {
      const home = name === "gateway" ? "gateway" : `services/${name}`;
      const config = readFileSync(join(root, home, "config.ts"), "utf8");
      assert.match(config, new RegExp(`\\b${port}\\b`), `${home}/config.ts says another port`);
      assert.ok(port < EPHEMERAL, `an outgoing connection may take ${name}'s port ${port} before it does`);
    }
    assert.equal(new Set(usual.map(([, port]) => port)).size, serviceNames.length);
  });

  it("kills one replica, starts it again on the same port, and ends all it started", async () => {
    const lost: string[] = [];
    const mesh = await launch({ replicas: 2, onLost: ({ name }, how) => lost.push(`${name} ${how}`) });
    assert.match(mesh.addresses.refund, /^ipv4:127\.0\.0\.1:\d+,127\.0\.0\.1:\d+$/);
    const ports = [...mesh.addresses.refund.matchAll(/\.1:(\d+)/g)].map(([, port]) => Number(port));
    const [first, second] = mesh.pids().refund as [number, number];

    await mesh.kill("refund", "SIGKILL", 0);
    assert.deepEqual(mesh.pids().refund, [second]);
    assert.deepEqual(await Promise.all(ports.map((port) => serving(port))), [false, true]);
    await mesh.restart("refund", 0);
    assert.deepEqual(await Promise.all(ports.map((port) => serving(port))), [true, true]);
    assert.ok(!mesh.pids().refund.includes(first));
    assert.deepEqual(lost, [], "nobody is told of what was asked for");

    const { servers } = mesh;
    const pids = [...mesh.pids().refund, servers.postgres?.pid, servers.nats?.pid] as number[];
    await mesh.stop();
    assert.deepEqual(pids.filter(isAlive), []);
  });

  it("tells of a process that ends by itself, with the end of its log", async () => {
    const mesh = await launch();
    const told = new Promise<string>((resolve) => {
      void launch({ onLost: ({ name }, how, lines) => resolve(`${name} ${how}\n${lines}`) }).then((other) =>
        process.kill(other.pids().refund[0] as number, "SIGKILL"),
      );
    });
    assert.match(await told, /^refund by SIGKILL\n.*"serving"/s);
    assert.equal(mesh.pids().refund.length, 1, "a mesh in another folder is not touched");
  });

  it("names the process that does not come up, shows why, and leaves nothing running", async () => {
    const dir = folder();
    const wrong = { refund: { CLOCK_ADDRESS: "real", POOL_SIZE: "none", LOG_LEVEL: "loud" } };
    await assert.rejects(
      launch({ dir, env: wrong }),
      /refund ended while it started.*POOL_SIZE is not a whole.*LOG_LEVEL/s,
    );
    const mesh = await launch({ dir });
    assert.equal(mesh.servers.postgres?.owned, true);
  });

  it("refuses a second mesh in the same folder, and says where the first one is", async () => {
    const { dir, gatewayUrl } = await launch();
    await assert.rejects(launch({ dir }), new RegExp(`already runs from ${dir} .*${gatewayUrl}`));
  });

  it("keeps its secrets and its data over a restart, and hides them from other users", async () => {
    const dir = folder();
    const mesh = await launch({ dir });
    const secrets = readFileSync(join(dir, "mesh.json"), "utf8");
    await mesh.stop();
    await launch({ dir });
    assert.equal(readFileSync(join(dir, "mesh.json"), "utf8"), secrets);
    for (const file of ["mesh.json", "issuer.json"]) assert.equal(statSync(join(dir, file)).mode & 0o077, 0, file);
  });
});
