import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { atLeast, judge, objections, productionOldest, syncsAlways, Unfit } from "#kit/bus/server.js";
import { busSettings } from "#kit/bus/settings.js";
import { type ConfigError, readConfig } from "#kit/config.js";
import { type LocalNats, natsServers, startNats } from "#kit/local/nats.js";
import { freePort } from "#kit/local/ports.js";
import { type Ends, openEnds } from "#kit/testing/busEnds.js";
import { until } from "#kit/testing/peers.js";
import { databaseUrl, testFolder } from "#kit/testing/stage.js";

describe("kit: a NATS for production", () => {
  const fit = { version: "2.12.3", syncAlways: true, replicas: 3 };
  const risksOf = (seen: Partial<typeof fit> | object) => objections({ ...fit, ...seen }).map(({ risk }) => risk);

  it("keeps each message on three servers, on disk before it says so, and is of a version that keeps it there", () => {
    assert.deepEqual(risksOf({}), []);
    assert.deepEqual(risksOf({ version: "2.12.2" }), ["old-server"]);
    assert.deepEqual(risksOf({ version: "2.12.3-RC.1" }), ["old-server"]);
    assert.deepEqual(risksOf({ syncAlways: false }), ["lazy-fsync"]);
    assert.deepEqual(risksOf({ syncAlways: undefined }), ["lazy-fsync"], "nobody could be asked");
    assert.deepEqual(risksOf({ replicas: 1 }), ["single-node"]);
  });

  it("is refused otherwise, in words that say how to accept it, and accepted only for what was named", () => {
    const lone = { ...fit, replicas: 1, syncAlways: false };
    assert.throws(() => judge(lone, true, []), /not fit for production.*NATS_ACCEPT=lazy-fsync,single-node/);
    assert.throws(() => judge(lone, true, ["single-node"]), /NATS_ACCEPT=lazy-fsync$/);
    assert.deepEqual(
      judge(lone, true, ["single-node", "lazy-fsync"]).map(({ risk }) => risk),
      ["lazy-fsync", "single-node"],
    );
    assert.deepEqual(judge(lone, false, []), [], "at a desk anything will do");
    assert.throws(() => judge({ ...fit, version: "2.9.9" }, false, []), /at least 2\.9\.10/);
  });

  it("knows its versions by number", () => {
    assert.ok(atLeast("2.10.0", "2.9.10") && atLeast("2.12.3", "2.12.3") && atLeast("3.0.0", "2.12.3"));
    assert.ok(!atLeast("2.9.9", "2.9.10") && !atLeast("2.12.0-preview.1", "2.12.0"));
  });

  it("has settings that name what may be accepted, and a list of servers", () => {
    const env = { NATS_URL: "nats://a:4222,nats://b:4222", NATS_ACCEPT: "single-node, lazy-fsync" };
    const read = readConfig(env, busSettings);
    assert.deepEqual([read.natsUrl, read.natsAccept], [env.NATS_URL, ["single-node", "lazy-fsync"]]);
    const wrong = { NATS_URL: "nats://a:4222,http://b", NATS_ACCEPT: "anything" };
    assert.throws(
      () => readConfig(wrong, busSettings),
      (error: ConfigError) => error.problems.length === 2,
    );
  });
});

for (const binary of natsServers()) {
  const [version = ""] = /\d\S*/.exec(spawnSync(binary, ["--version"], { encoding: "utf8" }).stdout) ?? [];

  describe(`kit: nats-server ${version} before production`, function () {
    this.timeout(60_000);
    let nats: LocalNats | undefined;
    let ends: Ends | undefined;
    let monitor = "";

    async function start(lazy: boolean): Promise<void> {
      const monitorPort = await freePort();
      monitor = `http://127.0.0.1:${monitorPort}`;
      nats = await startNats({ dir: testFolder("nats"), binary, monitorPort, lazy });
    }
    afterEach(async () => {
      await ends?.close();
      await nats?.stop();
      [ends, nats] = [undefined, undefined];
    });
    const open = async (accepted: Parameters<typeof judge>[2]) =>
      openEnds({
        databaseUrl: await databaseUrl(),
        natsUrl: nats?.url ?? "",
        folder: testFolder("migrations"),
        bus: { production: { monitors: [monitor], accepted } },
      });

    it("is asked whether it syncs, and a service does not start over one that nobody accepted", async () => {
      await start(true);
      const old = !atLeast(version, productionOldest);
      assert.equal(await syncsAlways([monitor]), false);
      await assert.rejects(open(["single-node"]), (error: Error) => {
        assert.ok(error instanceof Unfit, error.message);
        assert.match(error.message, old ? /NATS_ACCEPT=old-server,lazy-fsync$/ : /NATS_ACCEPT=lazy-fsync$/);
        return true;
      });
    });

    it("is taken where what is missing was accepted", async () => {
      await start(false);
      assert.equal(await syncsAlways([monitor]), atLeast(version, "2.10.0"), "before 2.10 it cannot be told to");
      assert.equal(await syncsAlways([monitor, "http://127.0.0.1:1"]), undefined, "each is asked");
      ends = await open(
        atLeast(version, productionOldest) ? ["single-node"] : ["old-server", "lazy-fsync", "single-node"],
      );
      const ids = await ends.announce([Buffer.from("entrusted")]);
      await ends.settled(ids);
    });
  });

  describe(`kit: a full disk under nats-server ${version}`, function () {
    this.timeout(60_000);
    const disk = testFolder("disk");
    let nats: LocalNats | undefined;
    let ends: Ends | undefined;

    before(function () {
      mkdirSync(disk, { recursive: true });
      const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", disk]);
      // Only root may, and not in every container.
      if (mounted.status !== 0) this.skip();
    });
    after(async () => {
      await ends?.close();
      await nats?.kill();
      spawnSync("umount", [disk]);
    });

    it("is seen by using it, whatever it says of its health; requests go on, and nothing is lost", async () => {
      nats = await startNats({ dir: disk, binary });
      const [url, folder] = [await databaseUrl(), testFolder("migrations")];
      const opened = await openEnds({ databaseUrl: url, natsUrl: nats.url, folder, bus: { lookMs: 200 } });
      ends = opened;
      const ready = () => opened.buses[0]?.state().ready;
      await until("the bus is ready", async () => ready());
      const ids = await opened.announce([Buffer.from("before")]);
      await opened.settled(ids);

      const { bavail, bsize } = statfsSync(disk);
      const ballast = join(disk, "ballast");
      writeFileSync(ballast, Buffer.alloc(bavail * bsize - 64 * 1024));
      for (let i = 0; i < 8; i++) ids.push(...(await opened.announce([Buffer.alloc(50_000, i)])));
      await until("it is not ready, and says why", async () => !ready() && opened.buses[0]?.state().why !== "", 20_000);
      ids.push(...(await opened.announce([Buffer.from("while it hangs")])));

      rmSync(ballast);
      // On 2.9 room alone does not help: JetStream hangs until the server is started again.
      await nats.kill();
      await nats.restart();
      await opened.settled(ids, 30_000);
      await until("the bus is ready again", async () => ready());
      assert.deepEqual(await opened.effects(ids), { effected: ids.length, twice: 0 });
    });
  });
}
