import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ConfigError } from "#kit/config.js";
import { armFailpoint, failpoint } from "#kit/failpoint.js";
import { passingFolder } from "#kit/local/folder.js";
import { until } from "#kit/testing/peers.js";

const failing = fileURLToPath(new URL("failing.ts", import.meta.url));

describe("a place to fail at", () => {
  afterEach(() => armFailpoint("refund", {}));

  const arm = (setting: string, env = {}) => armFailpoint("refund", { FAILPOINT: setting, ...env });
  const pass = () => failpoint("step", "pay", "done");

  it("does nothing without the setting", () => {
    arm("");
    pass();
  });

  it("fails the time it is told, once, and nowhere else", () => {
    arm("refund.step.pay.done:2:throw");
    pass();
    for (const [what, moment] of [
      ["look", "done"],
      ["pay", "claimed"],
    ] as const) {
      failpoint("step", what, moment);
      failpoint("step", what, moment);
    }
    assert.throws(pass, /^Error: terminated at failpoint refund\.step\.pay\.done$/);
    pass();
  });

  it("knows a call by its method as gRPC writes it", () => {
    const method = "backhaul.partner.payment.v1.PaymentService/RefundPayment";
    arm(`refund.call.${method}.after:1:throw`);
    failpoint("call", `/${method}`, "before");
    assert.throws(() => failpoint("call", `/${method}`, "after"));
  });

  it("is only its own process's: the setting may name another's", () => {
    arm("resolution.step.refund.issue.done:1:throw");
    failpoint("step", "refund.issue", "done");
  });

  it("notes the places that a process comes to, each once", () => {
    const dir = passingFolder("failpoint");
    try {
      const file = join(dir, "passed");
      arm(`record:${file}`);
      for (let i = 0; i < 2; i++) pass();
      failpoint("call", "/a.B/C", "before");
      assert.equal(readFileSync(file, "utf8"), "refund.step.pay.done\nrefund.call.a.B/C.before\n");
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  for (const [setting, said] of [
    ["refund.step.pay.done", /is not name:nth or name:nth:action/],
    ["refund.step.pay.done:0", /is not name:nth/],
    ["refund.step.pay.done:1:explode", /is not name:nth/],
    ["refund.step.pay.dome:1", /names no place; the nearest are refund\.step\.pay\.done, /],
    ["refund.pay.answered:1", /names no place/],
  ] as const) {
    it(`refuses ${setting} and says why`, () => {
      assert.throws(
        () => arm(setting),
        (error) => error instanceof ConfigError && said.test(error.message),
      );
    });
  }

  it("refuses to start in production with the setting, whatever it says", () => {
    assert.throws(() => arm("refund.step.pay.done:1", { NODE_ENV: "production" }), /FAILPOINT is for tests/);
    assert.throws(() => arm("record:/tmp/passed", { NODE_ENV: "production" }), /FAILPOINT is for tests/);
    armFailpoint("refund", { NODE_ENV: "production" });
  });
});

describe("a process that fails at its second time there", function () {
  this.timeout(60_000);
  const children: ChildProcess[] = [];
  after(() => children.forEach((child) => child.kill("SIGKILL")));

  /** Starts it; what it says comes line by line. */
  function run(action: string) {
    const child = spawn(process.execPath, ["--import", "tsx", "--conditions=source", failing], {
      env: { ...process.env, FAILPOINT: `refund.step.pay.done:2${action}` },
      stdio: ["ignore", "pipe", "ignore"],
    });
    children.push(child);
    const said = { text: "" };
    child.stdout.setEncoding("utf8").on("data", (text) => {
      said.text += text;
    });
    return { child, said, ended: once(child, "close") };
  }
  // All at once: most of it is the start.
  const runs: Record<string, ReturnType<typeof run>> = {};
  before(() => {
    for (const action of ["", ":kill", ":stop", ":term", ":throw", ":pause=300"]) runs[action] = run(action);
  });
  const upToThere = "comes to it 1\ngoes on 1\ncomes to it 2\n";
  const toTheEnd = `${upToThere}goes on 2\ncomes to it 3\ngoes on 3\n`;

  for (const action of ["", ":kill"]) {
    it(`${action || "without more said"} is gone as by kill -9`, async () => {
      const { said, ended } = runs[action]!;
      assert.deepEqual(await ended, [null, "SIGKILL"]);
      assert.equal(said.text, upToThere);
    });
  }

  it(":stop stands still, and goes on when it is continued", async () => {
    const { child, said, ended } = runs[":stop"]!;
    await until("it stands still", async () => said.text === upToThere && stateOf(child.pid!) === "T");
    child.kill("SIGCONT");
    assert.deepEqual(await ended, [0, null]);
    assert.equal(said.text.replace(", late", ""), toTheEnd);
  });

  it(":term is asked to end, and ends as it would", async () => {
    const { said, ended } = runs[":term"]!;
    assert.deepEqual(await ended, [0, null]);
    assert.match(said.text, /^comes to it 1\ngoes on 1\ncomes to it 2\ngoes on 2\n/);
    assert.match(said.text, /asked to end\n$/);
  });

  it(":throw fails with an error there", async () => {
    const { said, ended } = runs[":throw"]!;
    assert.deepEqual(await ended, [1, null]);
    assert.equal(said.text, upToThere);
  });

  it(":pause=300 does nothing for so long, and goes on", async () => {
    const { said, ended } = runs[":pause=300"]!;
    assert.deepEqual(await ended, [0, null]);
    assert.equal(said.text, toTheEnd.replace("goes on 2", "goes on 2, late"));
  });
});

/** What the system says of a process: "T" for one that is stopped. */
function stateOf(pid: number): string | undefined {
  if (process.platform === "linux") return / (\w) \d+ /.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1];
  return spawnSync("ps", ["-o", "state=", "-p", `${pid}`], { encoding: "utf8" }).stdout.slice(0, 1);
}
