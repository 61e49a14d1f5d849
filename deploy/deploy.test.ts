import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Env } from "#kit/config.js";
import { callersOf } from "#kit/edges.js";
import { readGatewayConfig } from "../gateway/config.js";
import { readWatchConfig } from "../scripts/invariants/config.js";
import { holders } from "../scripts/mesh/certificates.js";
import { type ServiceName, serviceNames } from "../scripts/mesh/services.js";
import { readCollectionConfig } from "../services/collection/config.js";
import { readEligibilityConfig } from "../services/eligibility/config.js";
import { readInspectionConfig } from "../services/inspection/config.js";
import { readOutreachConfig } from "../services/outreach/config.js";
import { readPartnersConfig } from "../services/partners/config.js";
import { readReconcilerConfig } from "../services/reconciler/config.js";
import { readRefundConfig } from "../services/refund/config.js";
import { readResolutionConfig } from "../services/resolution/config.js";
import { readYaml } from "./yaml.js";

type Container = {
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly (string | Readonly<Record<string, unknown>>)[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
};

/** Processes of ours: those of the mesh, and who asks its invariants. */
type ProcessName = ServiceName | "invariants";

const readers: Readonly<Record<ProcessName, (env: Env) => unknown>> = {
  invariants: readWatchConfig,
  gateway: readGatewayConfig,
  eligibility: readEligibilityConfig,
  resolution: readResolutionConfig,
  collection: readCollectionConfig,
  inspection: readInspectionConfig,
  refund: readRefundConfig,
  reconciler: readReconcilerConfig,
  outreach: readOutreachConfig,
  partners: readPartnersConfig,
};

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const read = (name: string) => readFileSync(path(name), "utf8");

/** .env.example as somebody fills it in. */
function filledIn(): Record<string, string> {
  const secrets: Record<string, string> = {
    MESH_SECRET: "m".repeat(64),
    AUDIT_KEY: "a".repeat(64),
    WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString("base64")}`,
    POSTGRES_PASSWORD: "p".repeat(48),
    PII_KEYS: `k1:${Buffer.alloc(32, 5).toString("base64")}`,
    BLIND_INDEX_KEY: Buffer.alloc(32, 6).toString("base64"),
    WEBHOOK_KEYS: `1:${Buffer.alloc(32, 9).toString("base64")}`,
  };
  const lines = read(".env.example")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(
    lines.map((line) => {
      const [name = "", value = ""] = line.split(/=(.*)/);
      return [name, value || (secrets[name] ?? "")];
    }),
  );
}

/** compose.yaml as compose sees it, its variables replaced. */
function containers(env = filledIn()): Record<string, Container> {
  const text = read("compose.yaml").replaceAll(
    /\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}/g,
    (_, name: string, fallback = "") => {
      return env[name] || fallback;
    },
  );
  return (readYaml(text) as unknown as { services: Record<string, Container> }).services;
}

const processNames = Object.keys(readers) as ProcessName[];

/** The container of one of our processes, with its settings. */
function containerOf(service: ProcessName): Container & { readonly environment: Readonly<Record<string, string>> } {
  const container = containers()[service];
  assert.ok(container?.environment, `${service} is in compose.yaml`);
  return { ...container, environment: container.environment };
}

describe("deploy/compose.yaml", () => {
  it("is what docker compose takes", function () {
    const args = ["compose", "-f", path("compose.yaml"), "--env-file", path(".env.example"), "config", "--quiet"];
    if (spawnSync("docker", ["compose", "version"]).status !== 0) this.skip();
    const { status, stderr } = spawnSync("docker", args, { encoding: "utf8", env: { ...process.env, ...filledIn() } });
    assert.equal(status, 0, stderr);
  });

  it("runs every process of the mesh, and who asks its invariants, from a file that is built", () => {
    const ours = Object.entries(containers()).filter(([, { command }]) => command?.[0] === "node");
    assert.deepEqual(new Set(ours.map(([name]) => name)), new Set(processNames));
    for (const [name, { command = [] }] of ours) {
      const source =
        command
          .at(-1)
          ?.replace(/^dist\//, "../")
          .replace(/js$/, "ts") ?? "";
      assert.ok(source.includes(name) && existsSync(path(source)), `${name}: ${source}`);
    }
  });

  for (const service of processNames) {
    it(`tells ${service} all it must know, and nothing that it does not read`, () => {
      const { environment } = containerOf(service);
      // Read by every process before its service's own settings.
      const asked = new Set(
        [...read("../services/_kit/main.ts").matchAll(/\b[A-Z]+(?:_[A-Z]+)+\b/g)].map(([name]) => name),
      );
      const env = new Proxy<Env>(environment, {
        get: (settings, name: string) => {
          asked.add(name);
          return settings[name];
        },
      });
      assert.doesNotThrow(() => readers[service](env));
      assert.deepEqual(
        Object.keys(environment).filter((name) => !asked.has(name)),
        [],
      );
      // What falls back to a port on the same machine would find nobody in a container.
      assert.deepEqual(
        [...asked].filter((name) => name.endsWith("_ADDRESS") && !environment[name]),
        [],
      );
    });
  }

  for (const service of serviceNames) {
    it(`sends ${service} only where somebody listens`, () => {
      const listening = new Set(serviceNames.map((name) => `${name}:${containerOf(name).environment.PORT}`));
      const { environment } = containerOf(service);
      assert.equal(environment.HOST, "0.0.0.0", "loopback is its own in each container");
      for (const [name, value] of Object.entries(environment)) {
        if (name.endsWith("_ADDRESS") && value !== "real") assert.ok(listening.has(value), `${name}: ${value}`);
        if (name === "GATEWAY_URL") assert.ok(listening.has(new URL(value).host), value);
      }
    });
  }

  it("sends to each service those that its list of callers lets in, and no others", () => {
    const calls = serviceNames.flatMap((from) =>
      Object.entries(containerOf(from).environment)
        .filter(([name]) => name.endsWith("_ADDRESS"))
        .map(([, target]) => [from, target.split(":")[0] ?? ""] as const),
    );
    for (const service of serviceNames.filter((name) => name !== "gateway")) {
      const callers = calls.filter(([from, to]) => to === service && from !== to).map(([from]) => from);
      assert.deepEqual(new Set(callersOf[service]), new Set(callers), service);
    }
  });

  it("lets the sandbox's carriers through the edge", () => {
    const { webhookSecret } = readPartnersConfig(containerOf("partners").environment);
    const { webhookSecrets } = readGatewayConfig(containerOf("gateway").environment);
    const carriers = /const carriers = \[(.*)\]/.exec(read("../scripts/mesh/settings.ts"))?.[1] ?? "";
    assert.deepEqual([...webhookSecrets.keys()], JSON.parse(`[${carriers}]`));
    for (const secrets of webhookSecrets.values()) assert.deepEqual(secrets, [webhookSecret]);
  });

  it("waits only for what has a health check, and never in a circle", () => {
    const all = containers();
    const ready = new Set<string>();
    const names = Object.keys(all);
    for (const _ of names) {
      const next = names.filter(
        (name) => !ready.has(name) && Object.keys(all[name]?.depends_on ?? {}).every((it) => ready.has(it)),
      );
      for (const name of next) ready.add(name);
    }
    assert.deepEqual(new Set(names), ready);
    for (const { depends_on = {} } of Object.values(all)) {
      for (const [name, { condition }] of Object.entries(depends_on)) {
        assert.equal(condition, "service_healthy");
        assert.ok(all[name]?.healthcheck, `${name} has a health check`);
      }
    }
  });

  it("asks for nothing that .env.example does not explain, and explains nothing that is not asked for", () => {
    const used = [...read("compose.yaml").matchAll(/\$\{(\w+)/g)]
      .map(([, name = ""]) => name)
      .filter((name) => name !== "TAG");
    assert.deepEqual(new Set(used), new Set(Object.keys(filledIn())));
  });

  it("has no secret in it, and does not start without one", () => {
    const example = read(".env.example");
    const secrets = [
      "MESH_SECRET",
      "AUDIT_KEY",
      "WEBHOOK_SECRET",
      "WEBHOOK_KEYS",
      "POSTGRES_PASSWORD",
      "PII_KEYS",
      "BLIND_INDEX_KEY",
    ];
    for (const name of secrets) {
      assert.match(example, new RegExp(`^${name}=$`, "m"));
      assert.match(read("compose.yaml"), new RegExp(`\\$\\{${name}:\\?`));
    }
  });

  it("gives each container its own certificate and nobody else's key", () => {
    for (const [name, { volumes = [] }] of Object.entries(containers())) {
      const mounted = volumes.filter((it) => typeof it !== "string" && it.target === "/run/tls");
      assert.deepEqual(
        mounted.map((it) => (it as { source: string }).source),
        [`../.local/tls/${name}`],
      );
      assert.ok(holders.includes(name), `npm run ca makes one for ${name}`);
    }
  });

  it("lets nobody into Postgres or NATS without a certificate", () => {
    const rules = read("pg_hba.conf")
      .split("\n")
      .filter((line) => /^host/.test(line));
    assert.ok(rules.length > 0 && rules.every((rule) => /^hostssl .* clientcert=verify-ca$/.test(rule)));
    assert.match(read("nats.conf"), /^tls \{[^}]*^ {2}verify: true$/ms);
  });

  it("mounts files that are there", () => {
    for (const { volumes = [] } of Object.values(containers())) {
      for (const volume of volumes) {
        const source = typeof volume === "string" ? (volume.split(":")[0] as string) : "";
        if (source.startsWith(".")) assert.ok(existsSync(path(source)), source);
      }
    }
  });

  it("has a NATS that is fit for production but for what it accepts, and asks it whether it syncs", () => {
    const conf = read("nats.conf");
    assert.match(conf, /^\s*sync_interval: always$/m);
    const { natsMonitor, natsAccept, natsReplicas, natsStreamMb } = readRefundConfig(containerOf("refund").environment);
    assert.equal(natsMonitor, `http://nats:${/^http: "0\.0\.0\.0:(\d+)"$/m.exec(conf)?.[1]}`);
    assert.deepEqual(natsAccept, ["single-node"]);
    assert.equal(natsReplicas, 1);
    const streams = serviceNames.filter((name) => name !== "gateway" && name !== "partners").length * natsStreamMb;
    assert.ok(streams + 17 < Number(/max_file_store: (\d+)GB/.exec(conf)?.[1]) * 1024, "its streams fit its store");
  });
});

describe("deploy/Dockerfile", () => {
  const dockerfile = read("Dockerfile");

  it("copies what is there", () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, sources = ""]) =>
      sources.split(" "),
    );
    assert.ok(copied.length > 5);
    for (const source of copied) assert.ok(existsSync(path(`../${source.replace(/\*.*$/, "")}`)), source);
  });

  it("runs npm scripts that package.json has", () => {
    const { scripts } = JSON.parse(read("../package.json")) as { scripts: Record<string, string> };
    const wanted = [...dockerfile.matchAll(/npm run (\w+)/g)].map(([, name = ""]) => name);
    assert.deepEqual(wanted, ["generate", "build"]);
    assert.deepEqual(
      wanted.filter((name) => !scripts[name]),
      [],
    );
  });

  it("does not run as root, and starts one process without npm or a shell between", () => {
    assert.match(dockerfile, /^USER node$/m);
    assert.match(dockerfile, /^CMD \["node", /m);
  });

  it("is built from the Node that package.json asks for", () => {
    const { engines } = JSON.parse(read("../package.json")) as { engines: { node: string } };
    const [, minimum = ""] = />=(\d+\.\d+)/.exec(engines.node) ?? [];
    assert.match(dockerfile, new RegExp(`^ARG NODE=node:${minimum.replace(".", "\\.")}\\.\\d+-bookworm-slim$`, "m"));
  });

  it("is sent no secret, no local data and nothing that it makes itself", () => {
    const ignored = read("../.dockerignore").split("\n");
    for (const name of [".git", ".local", "node_modules", "dist", "gen", "**/.env"])
      assert.ok(ignored.includes(name), name);
  });
});
