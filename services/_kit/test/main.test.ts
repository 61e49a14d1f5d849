import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { freePort } from "#kit/local/ports.js";
import { until } from "#kit/testing/peers.js";

describe("kit: a process", () => {
  let child: ChildProcess;
  let text: string;
  afterEach(() => void child.kill("SIGKILL"));

  function run(env: Readonly<Record<string, string>>): void {
    const file = fileURLToPath(new URL("process.ts", import.meta.url));
    child = spawn(process.execPath, ["--import=tsx", "--conditions=source", file], { env: { ...process.env, ...env } });
    text = "";
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (bytes: Buffer) => (text += bytes));
  }
  const ended = async (): Promise<number | null> =>
    child.exitCode === null ? (await once(child, "exit"))[0] : child.exitCode;
  const lines = () =>
    text
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line));

  for (const act of ["throws", "rejects"]) {
    it(`ends with a line in its log when something ${act} and nobody catches it`, async () => {
      run({ ACT: act });
      assert.equal(await ended(), 1);
      const [line] = lines();
      assert.deepEqual([line?.level, line?.msg, line?.error.name], ["error", "ends: nobody caught this", "Error"]);
      assert.ok(line.error.at.length > 0, "and where it was thrown");
    });
  }

  it("ends by a signal with 0, and is cut short when that takes too long", async () => {
    run({});
    await until("up", async () => text.includes("up"));
    child.kill("SIGTERM");
    assert.equal(await ended(), 0);
    run({ ACT: "takes too long to stop", STOP_MS: "100" });
    await until("up", async () => text.includes("up"));
    child.kill("SIGTERM");
    assert.equal(await ended(), 1);
    assert.equal(lines()[0]?.msg, "ends: it took too long to stop");
  });

  it("lives while it starts and while its database is away, and is ready for neither", async () => {
    const port = await freePort();
    const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
    run({ ACT: "starts for ever", METRICS_PORT: String(port) });
    await until("it lives", async () => (await ask("/livez"))?.ok);
    const starting = await ask("/readyz");
    assert.deepEqual([starting?.status, await starting?.json()], [503, { ready: false, parts: {} }]);
    child.kill("SIGKILL");
    await ended();
    run({ METRICS_PORT: String(port) });
    await until("up", async () => text.includes("up"));
    const without = await ask("/readyz");
    assert.deepEqual([without?.status, await without?.json()], [503, { ready: false, parts: { postgres: false } }]);
    assert.equal((await ask("/livez"))?.status, 200);
    assert.match((await (await ask("/metrics"))?.text()) ?? "", /event_loop_held_max_ms/);
    assert.equal((await ask("/"))?.status, 404);
  });
});
