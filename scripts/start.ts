// `npm start`: a whole mesh on this machine, with a piece of a real shop's history played through it.
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { renderReport } from "../replay/report.js";
import { openRest } from "../replay/rest.js";
import { runReplay } from "../replay/run.js";
import { openSandbox } from "../replay/sandbox.js";
import { readArguments, runCommand, UsageError } from "./mesh/arguments.js";
import { filesIn } from "./mesh/certificates.js";
import { askedToEnd } from "./mesh/ending.js";
import { launchMesh, type Mesh } from "./mesh/launch.js";
import { localDir, root } from "./mesh/places.js";
import { serviceNames } from "./mesh/services.js";
import { keptShifts } from "./mesh/shifts.js";
import { progressLine } from "./progress.js";

const help = `
Starts Postgres, NATS and every service, plays an excerpt of a real shop's history through the REST edge, checks the
money to the penny, and stays up.

  npm start [-- --exit] [--empty] [--tls] [--replicas N] [--dir DIR]

  --exit      ends after the report; exit code 0 only if it balances
  --empty     plays nothing
  --tls       mTLS on every hop inside the mesh, by certificates that it makes in the folder's tls/
  --replicas  processes of each service; 1 if not given
  --dir       holds data, keys and logs; .local if not given. A mesh in a folder of its own meets no other

DATABASE_URL and NATS_URL name servers to use instead of local ones; with the first, READ_DATABASE_URL names the role
that the reconciler reads as (services/reconciler/README.md). LOG_LEVEL says how much the services log.
`;

const excerpt = fileURLToPath(new URL("../replay/excerpt/online-retail-excerpt.csv", import.meta.url));
const tokenSeconds = 3600;

await runCommand("start", async () => {
  const flag = { type: "boolean" } as const;
  const text = { type: "string" } as const;
  const { values, positionals } = readArguments(help, {
    exit: flag,
    empty: flag,
    tls: flag,
    replicas: text,
    dir: text,
  });
  if (positionals.length > 0) throw new UsageError(`what is "${positionals[0]}"?`);
  const replicas = Number(values.replicas ?? 1);
  if (!Number.isInteger(replicas) || replicas < 1 || replicas > 5)
    throw new UsageError("--replicas is a number from 1 to 5");

  const ending = askedToEnd();
  const startedAt = Date.now();
  say("starting Postgres, NATS and the services");
  const mesh = await supervised(values.dir ?? localDir, replicas, values.tls ?? false).catch((error: Error) =>
    say(error.message),
  );
  if (!mesh) return 1;
  say(`ready after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
  try {
    // Whoever asks to end in the middle of a replay does not wait for it; it goes on where it was at the next start.
    const played = values.empty ? true : await Promise.race([playExcerpt(mesh), ending]);
    if (typeof played === "string" || values.exit) return played === true ? 0 : 1;
    console.log(welcome(mesh, values.dir));
    await ending;
    return 0;
  } finally {
    say("stopping");
    await mesh.stop();
    // A replay that was left behind would keep the process.
    setImmediate(() => process.exit());
  }
});

/** A mesh whose processes are started again when they end by themselves, until one does so again and again. */
async function supervised(dir: string, replicas: number, tls: boolean): Promise<Mesh> {
  const ends: number[] = [];
  let mesh: Mesh | undefined;
  mesh = await launchMesh({
    dir,
    replicas,
    tls,
    say,
    onLost: async ({ service, name, replica }, how, lastLines) => {
      ends.push(Date.now());
      const often = ends.filter((at) => Date.now() - at < 60_000).length;
      say(`${name} ended ${how}${often > 5 ? "" : "; starting it again"}. Its last lines:\n${lastLines}`);
      if (often > 5) return;
      await mesh?.restart(service, replica).catch((error: Error) => say(error.message));
    },
  });
  return mesh;
}

/** Plays the excerpt and prints the report; says whether it balances. */
async function playExcerpt(mesh: Mesh): Promise<boolean> {
  const rest = openRest(mesh.gatewayUrl);
  const operator = await mesh.issuer.token("OPERATOR", "start", tokenSeconds);
  const sandbox = openSandbox(mesh.addresses.partners, async () => operator, mesh.identity);
  const line = progressLine();
  try {
    const tally = await runReplay({
      file: excerpt,
      rest,
      sandbox,
      token: (role, subject) => mesh.issuer.token(role, subject, tokenSeconds),
      shifts: keptShifts(mesh.dir),
      onRead: (orders, requests) => say(`playing a shop's year, an excerpt: ${orders} orders, ${requests} requests`),
      onProgress: line.show,
    });
    line.done();
    console.log(`\n${renderReport(tally)}\n`);
    return tally.checks.every(({ ok }) => ok);
  } finally {
    line.done();
    rest.close();
    sandbox.close();
  }
}

function welcome(mesh: Mesh, dir: string | undefined): string {
  const { addresses, gatewayUrl, gatewayUrls, servers } = mesh;
  const grpc = serviceNames.filter((name) => name !== "gateway");
  const rows = [
    ["REST", gatewayUrls.join(" ")],
    ...grpc.map((name) => [`gRPC ${name}`, addresses[name]]),
    ["Postgres", new URL(servers.databaseUrl).host],
    ["NATS", new URL(servers.natsUrl).host],
    ["logs", shorter(join(mesh.dir, "logs"))],
  ] as const;
  const token = (role: string, who: string) =>
    `npm run -s token -- --role ${role} --subject ${who}${dir === undefined ? "" : ` --dir ${dir}`}`;
  const commands = [
    token("AGENT", "alice"),
    `curl -s -H "authorization: Bearer $(${token("AGENT", "alice")})" "${gatewayUrl}/v1/resolutions?pageSize=1"`,
    `npx buf curl --protocol grpc ${grpcFlags(mesh)} -H "authorization: Bearer $(${token("OPERATOR", "olga")})" -d '{}' ${mesh.identity ? "https" : "http"}://${firstOf(addresses.partners)}/backhaul.sandbox.v1.ClockService/GetClock`,
  ];
  return [
    "The mesh is up:",
    "",
    ...rows.map(([what = "", where = ""]) => `  ${what.padEnd(18)}${where}`),
    "",
    "Try:",
    "",
    ...commands.map((command) => `  ${command}`),
    "",
    "Ctrl-C stops it; what it knows is kept.",
  ].join("\n");
}

/** How a tool connects: with an operator's certificate, where the mesh asks for one. */
function grpcFlags({ identity, dir }: Mesh): string {
  if (!identity) return "--http2-prior-knowledge";
  const { cert, key, ca } = filesIn(shorter(join(dir, "tls")))("operator");
  return `--cacert ${ca} --cert ${cert} --key ${key}`;
}

/** The first of an address list. */
function firstOf(target: string): string {
  return target.replace(/^ipv4:/, "").split(",")[0] ?? target;
}

/** A path of the checkout as seen from there. */
function shorter(path: string): string {
  const inside = relative(root, path);
  return inside.startsWith("..") ? path : inside;
}

function say(line: string): void {
  console.error(`mesh: ${line}`);
}
