// Runs the commands of every page against a mesh that is started as the README says, in a folder of its own. A new
// command that is like those in `runs` is run without a word here; any other fails until it stands there, or with its
// reason in `elsewhere`.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { passingFolder } from "#kit/local/folder.js";
import { defaultPorts, type ServiceName } from "../scripts/mesh/services.js";
import { type Command, commandsOf } from "./commands.js";
import { pages, readPage, root } from "./pages.js";
import { type Answer, type Foreground, openShell, type Shell, startUp } from "./terminal.js";

/** Not run here, and why; `ci` begins the line of .ci/run that does it. */
const elsewhere: { command: RegExp; why: string; ci?: string }[] = [
  { command: /^npm start$/, why: "plays the whole excerpt", ci: "npm start --silent -- --exit" },
  { command: /^npm test$/, why: "this is a part of it", ci: "npm test" },
  { command: /^npm run check$/, why: "a step of CI by itself", ci: "npm run --silent check" },
  { command: /^npm run generate$/, why: "other tests need gen/ meanwhile", ci: "node scripts/setup.mjs" },
  { command: /^npm run (bench|prove)( -- .*)?$/, why: "takes minutes, and the whole machine" },
  {
    command: /^npm run (faults|planted|simulate)( -- .*)?$/,
    why: "takes minutes; tests of their own run a little of each",
  },
  { command: /^npm run (replay|token|policy|operator)$/, why: "a name; run where its arguments stand" },
  { command: /^npx tsx replay\/excerpt\/make\.ts /, why: "needs the whole record, which the checkout does not hold" },
  { command: /^npm ci\b/, why: "takes node_modules/ away under the other tests" },
  { command: /^TOKEN=\S+ npx tsx .*rest-client/, why: "watches for days; test/restClient.test.ts runs what it runs" },
  { command: /^npm run openapi\b/, why: "writes into the checkout; scripts/test/openapi.test.ts runs it in a folder" },
  { command: /^npm run client -- pack/, why: "leaves a tarball; test/client.test.ts runs it in a folder" },
  { command: /--prefix examples\/restock-alerts$/, why: "takes packages from a registry; test/client.test.ts runs it" },
  { command: /^npm start -- --tls$/, why: "another mesh", ci: "npm start --silent -- --exit --tls" },
  { command: /^(npx buf curl|grpcurl) .*-cacert /, why: "needs that mesh; test/mtls.test.ts runs them" },
  { command: /^npm run ca\b/, why: "writes into the checkout; scripts/test/ca.test.ts runs it in a folder" },
  { command: /^npm run replay .* --tls /, why: "needs containers" },
  { command: /^chattr /, why: "is for the folder of a NATS server" },
  { command: /^docker (build|compose)\b/, why: "needs a Docker engine; deploy.test.ts reads its files" },
];

/** Run here, and what each answers. Only what leaves the checkout as it is stands in this list. */
const runs: [command: RegExp, answer: RegExp][] = [
  [/^(TOKEN=\$\(npm run -s token |call\(\) \{|cp deploy\/\.env\.example )/, /^$/],
  [/^((AUTHOR|APPROVER|POLICY|SIMULATION)=|post\(\) \{)/, /^$/],
  [/^(PARCEL|DRIVER)=/, /^$/],
  [/^(OPERATOR=|sent\(\) \{|for second in .*CODE=)/, /^$/],
  [/^curl .*guests:exchangeCode/s, /"token":"eyJ/],
  [/^for second in .*COLLECTION=/, /^$/],
  [/^curl .*\/label\?/, /^\{"type":"application\/pdf","bytes":\d{5}/],
  [/^curl .*:confirmHandOver/s, /"proof":"HAND_OVER_PROOF_CONFIRMED"/],
  [/^npm run policy -- lint /, /: 0 errors, 0 warnings$/m],
  [/^npm run policy -- --help$/, /lint FILE/],
  [/^for second in .*simulations/, /SIMULATION_STATE_DONE/],
  [/^post .*:validate/, /^POLICY_STATE_VALIDATED$/m],
  [/^post .*:approve/, /^POLICY_STATE_APPROVED$/m],
  [/^post .*:activate/, /^POLICY_STATE_ACTIVE$/m],
  [/^curl .*:diff/, /RETURN_SHIPPING|fee/],
  [/^npm run setup$/, /^(?!.*npm ci)/s],
  [/^npm run (-s )?token /, /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/m],
  [/^npm run replay /, /^\d+ checks: all hold$/m],
  [/^npm run invariants$/, /^all 40 hold$/m],
  [/^npm run failpoints$/, /^refund\.\S+ {2}services\/refund\/\S+$/m],
  [/^npm run retention -- --dry-run$/, /^(nothing is past its time|would go; nothing was changed)$/m],
  [/^npm run audit -- verify$/, /^all 8 trails are whole$/m],
  [/^npm run operator -- --help$/, /dead-letters discard EVENT/],
  [/^npm run operator -- build$/, /^ {2}contracts +[0-9a-f]{12}$/m],
  [/^npm run operator -- flow$/, /^ {2}dead letters +0$/m],
  [/^npm run operator -- (steps|dead-letters) list/, /^ {2}none$/m],
  [/^npm run operator -- log-level set debug/, /^ {2}debug until 20/m],
  [/^npm run operator -- drain /, /^ {2}out of work; 0 other calls under way$/m],
  [/^npm run operator -- undrain /, /^ {2}at work$/m],
  [/Health\/Check\b/, /"status": "SERVING"/],
  [/^(curl|grpcurl|npx buf curl|call) /, /^\{.*\}$|^event: /ms],
  [/^curl .*\/v1\/resolutions -H .* -d /s, /"state":"RESOLUTION_STATE_OPEN".*"verdict":"VERDICT_ACCEPT"/],
  [/^curl .*\/v1\/resolutions\?state=OPEN/, /^\{"resolutions":\[\{"resolutionId":"res_/],
  [/^curl .*:withdraw/, /"state":"RESOLUTION_STATE_WITHDRAWN"/],
  [/^curl .*:watch/, /^event: end$/m],
  [/(Get|Advance)Clock\b/, /"now": "2/],
  [/AddScenario\b/, /"scenarioId": "scn_/],
  [/SetPace\b/, /"pickup": "3600s"/],
  [/MoveParcel\b/, /"state": "PICKED_UP"/],
  [/GetBooks\b/, /"orders": "[1-9]/],
];
const thisFile = "docs/commands.test.ts";
const excerpt = "replay/excerpt/online-retail-excerpt.csv";

const found = pages.map((page) => ({ page, ...commandsOf(page, readPage(page)) }));
const all = found.flatMap(({ commands }) => commands);
const start = all.find(({ text }) => text === "npm start -- --empty");
const isElsewhere = ({ text }: Command) => elsewhere.some(({ command }) => command.test(text));

describe("the pages' commands", function () {
  this.timeout(60_000);
  let dir: string;
  let mesh: Foreground | undefined;
  let welcome = "";
  let shell: (Shell & { of: string }) | undefined;
  const resolutions: string[] = [];
  let now = "";

  // NATS_URL would put this mesh on the bus of another one.
  const env = () => ({ ...process.env, NATS_URL: undefined, CURL_HOME: dir });

  before(async () => {
    dir = passingFolder("pages");
    // curl ends with 0 after a refusal too, unless told otherwise; and a stream that does not end must not keep us.
    writeFileSync(join(dir, ".curlrc"), "fail-with-body\nmax-time = 30\n");
    assert.ok(start, "README.md says how to start a mesh that plays nothing");
    for (let triesLeft = 2; welcome === ""; triesLeft--) {
      mesh = startUp(prepared(start.text), env());
      // A port of its services may be somebody's outgoing connection at this moment.
      welcome = await mesh.printed(/Ctrl-C stops it/).catch((error: Error) => {
        if (triesLeft === 0 || !/EADDRINUSE/.test(error.message)) throw error;
        return "";
      });
    }
    // The last days are what the pages' returns need, and take a second; .ci/run plays the year.
    await ask(`npm run replay -- ${excerpt}`, "setup");
  });

  after(async () => {
    shell?.close();
    await mesh?.ctrlC();
    if (dir) rmSync(dir, { recursive: true, force: true });
  });

  /** Runs it in the shell of its block. */
  async function ask(command: string, block: string, ready = prepared(command)): Promise<Answer> {
    if (shell?.of !== block) {
      shell?.close();
      shell = Object.assign(openShell(dir, env()), { of: block });
    }
    const answer = await shell.run(ready);
    assert.equal(answer.code, 0, `${ready}\nended with ${answer.code}:\n${answer.stdout}${answer.stderr}`);
    return answer;
  }

  /** The command at this mesh's addresses, in its folder, with what a reader fills in. */
  function prepared(text: string): string {
    const ready = text
      .replaceAll(
        /\bnpm (start|run (-s )?(token|replay|operator|audit|retention)) --(?= )/g,
        (npm) => `${npm} --dir '${dir}'`,
      )
      .replace(/^npm run invariants$/, (npm) => `${npm} -- --dir '${dir}'`)
      .replace(/ FILE\b/, ` ${excerpt}`)
      .replace(/\S+\.csv\b/, (file) => `${file} --from 2011-12-05`)
      .replaceAll(/\b(localhost|127\.0\.0\.1):(\d+)\b/g, (usual, _, port) => addressOf(Number(port)) ?? usual)
      // The last return was just asked for; of the first one, the parcel is on its way.
      .replaceAll("res_01…", () => resolutions.at(-1) ?? "")
      .replaceAll("res_…", () => resolutions[0] ?? "")
      .replace('"20…"', () => `"${new Date(Date.parse(now) + 5 * 86_400_000).toISOString()}"`)
      // A developer has one there, with secrets.
      .replace(/ deploy\/\.env(?=\s)/, ` '${dir}/.env'`);
    assert.doesNotMatch(ready, /…|<[\w.-]+>/, "prepared() does not know what a reader fills in here");
    const npm = ready.match(/\bnpm (?:\S+ )*?(start|token|replay|invariants|operator|audit|retention)\b/g) ?? [];
    const dirs = ready.match(/ --dir /g) ?? [];
    assert.equal(dirs.length, npm.length, `not in the test's folder, so not run: ${ready}`);
    return ready;
  }

  /** Where the service of that usual port listens, as npm start said. */
  function addressOf(port: number): string | undefined {
    const name = (Object.keys(defaultPorts) as ServiceName[]).find((service) => defaultPorts[service] === port);
    const row = name === "gateway" ? /REST +http:\/\/(\S+)/ : new RegExp(`gRPC ${name} +(\\S+)`);
    return row.exec(welcome)?.[1];
  }

  function check({ text, shown }: Command, { stdout }: Answer): void {
    for (const [command, answer] of runs) if (command.test(text)) assert.match(stdout, answer);
    if (!stdout.startsWith("{")) return;
    const answer = JSON.parse(stdout);
    if (answer.state === "RESOLUTION_STATE_OPEN") resolutions.push(answer.resolutionId);
    if (answer.now) now = answer.now;
    if (shown) assert.deepEqual(differences(shown, answer), [], `the page shows another answer than ${stdout}`);
  }

  for (const { page, commands } of found) {
    const here = commands.filter((command) => command !== start && !isElsewhere(command));
    if (here.length === 0) continue;
    describe(page, () => {
      for (const command of here) {
        const { line, text, block } = command;
        const missing = toolsOf(text).filter((tool) => !isInstalled(tool));
        const title = `line ${line} does what it says: ${text.replaceAll(/[\s\\]+/g, " ").slice(0, 80)}`;
        it(missing.length > 0 ? `${title} (skipped: there is no ${missing.join()})` : title, async function () {
          const known = runs.some(([kind]) => kind.test(text));
          assert.ok(known, `${page}:${line}: say in ${thisFile} whether it is run, or why not: ${text}`);
          if (missing.length > 0) return this.skip();
          check(command, await ask(text, `${page}:${block ?? line}`));
        });
      }
    });
  }

  describe("npm start", () => {
    it("says only to try what works", async () => {
      const said = welcome.split("Try:")[1]?.match(/^ {2}\S.*$/gm) ?? [];
      assert.ok(said.length > 0);
      // These name the folder and the addresses themselves.
      for (const text of said) assert.match((await ask(text.trim(), "welcome", text.trim())).stdout, /^(eyJ|\{)/);
    });

    it("is stopped by Ctrl-C, and its data is kept", async () => {
      await mesh?.ctrlC();
      mesh = undefined;
      assert.ok(!existsSync(join(dir, "mesh.lock")), "it has ended in good order");
      assert.ok(existsSync(join(dir, "mesh.json")));
    });
  });
});

describe("commands that no test runs", () => {
  it("are all on a page still", () => {
    const gone = elsewhere.filter(({ command }) => !all.some(({ text }) => command.test(text)));
    assert.deepEqual(gone, []);
  });

  it("are run by .ci/run where it is said to", () => {
    const lines = readFileSync(join(root, ".ci/run"), "utf8").split("\n");
    for (const { ci } of elsewhere) assert.ok(!ci || lines.some((line) => line.startsWith(ci)), ci);
  });
});

describe("a page's commands", () => {
  it("are all found", () => {
    assert.deepEqual(
      found.flatMap(({ problems }) => problems),
      [],
    );
  });
});

/** Paths of what the page shows and the answer does not hold. Ids are new each time: their kind is enough. */
function differences(shown: unknown, answer: unknown, path = ""): string[] {
  if (typeof shown === "object" && shown !== null) {
    return Object.entries(shown).flatMap(([key, value]) =>
      differences(value, (answer as Record<string, unknown> | undefined)?.[key], `${path}.${key}`),
    );
  }
  const kind = /^[a-z]{3}_(?=[0-9A-Z]{26}$)/.exec(`${shown}`)?.[0];
  const same = kind ? `${answer}`.startsWith(kind) : answer === shown;
  return same ? [] : [path];
}

/** The programs a command begins with, also inside of $( ) and { }. */
function toolsOf(text: string): string[] {
  return [...text.matchAll(/(?:^|[({|;]\s*)(curl|grpcurl|docker|git|psql)\s/gm)].map(([, tool = ""]) => tool);
}

function isInstalled(tool: string): boolean {
  return spawnSync("bash", ["-c", `command -v ${tool}`]).status === 0;
}
