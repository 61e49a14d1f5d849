// Verifies the audit trails of a mesh: `npm run audit -- verify`.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { auditKeyOf } from "#kit/audit/config.js";
import { trailOf, type Where } from "./audit/trails.js";
import { Failure, readArguments, runCommand, UsageError } from "./mesh/arguments.js";
import { commandIdentity } from "./mesh/certificates.js";
import { runningMesh } from "./mesh/lock.js";
import { localDir } from "./mesh/places.js";
import { serviceNames } from "./mesh/services.js";
import { openSecrets } from "./mesh/settings.js";

const help = `
Reads every service's audit trail as of one moment, computes each hash anew, holds the entries against their seals, and
the seals against what was published of them. Changes nothing.

  npm run audit -- verify [--service NAME] [--json] [--url URL] [--prefix PREFIX] [--nats URL] [--seals FILE]
    [--tls DIR] [--dir DIR]

  --service  only this one's trail
  --json     each service's report, as JSON
  --url      Postgres; that of the mesh that runs from the folder if not given, else DATABASE_URL
  --prefix   stands before each service's schema; that of the running mesh if not given, else none
  --nats     where the stream AUDIT_SEALS is; that of the running mesh if not given, else NATS_URL
  --seals    a file of published seals, as AUDIT_SEAL_FILE made it
  --tls      certificates such as npm run ca makes, where NATS asks for one; the mesh's own if not given
  --dir      the mesh's folder; .local if not given

The seals' key is AUDIT_KEY, or made of MESH_SECRET or of the folder's secret. Exit code 0 only if nothing is wrong.
`;

const services = serviceNames.filter((name) => name !== "gateway");
/** Findings of one trail that a person is shown. */
const shown = 5;

await runCommand("audit", async () => {
  const text = { type: "string" } as const;
  const places = { url: text, prefix: text, nats: text, seals: text, tls: text, dir: text };
  const { values, positionals } = readArguments(help, { json: { type: "boolean" }, service: text, ...places });
  const [verb, ...more] = positionals;
  if (verb !== "verify" || more.length > 0) throw new UsageError("say verify");
  const wanted = services.filter((name) => values.service === undefined || values.service === name);
  if (wanted.length === 0) throw new UsageError(`"${values.service}" is none of ${services.join(", ")}`);
  const where = await found(values);

  const reports = [];
  for (const service of wanted) {
    const report = await trailOf(service, where).catch((error: Error) => {
      throw new Failure(`the trail of ${service} cannot be read: ${error.message}`);
    });
    reports.push({ service, ...report });
    if (!values.json) console.log(told(service, report));
  }
  where.identity?.close();
  if (values.json) console.log(JSON.stringify(reports, undefined, 2));
  const wrong = reports.filter(({ findings }) => findings.length > 0).length;
  if (!values.json) console.log(ending(wrong, reports.length, where));
  return wrong === 0 ? 0 : 1;
});

async function found(values: Readonly<Record<string, string | boolean | undefined>>): Promise<Where> {
  const given = (name: string) => values[name] as string | undefined;
  const dir = resolve(given("dir") ?? localDir);
  const running = runningMesh(dir);
  const databaseUrl = given("url") ?? (running?.databaseUrl || process.env.DATABASE_URL);
  if (!databaseUrl) throw new Failure(`no mesh runs from ${dir}: npm start starts one; or give --url`);
  const { AUDIT_KEY: auditKey = "", MESH_SECRET } = process.env;
  const meshSecret = MESH_SECRET ?? (existsSync(join(dir, "mesh.json")) ? (await openSecrets(dir)).meshSecret : "");
  return {
    databaseUrl,
    prefix: given("prefix") ?? running?.schemaPrefix ?? "",
    natsUrl: given("nats") ?? (running?.natsUrl || process.env.NATS_URL || ""),
    sealFile: given("seals") ?? "",
    identity: commandIdentity(given("tls"), dir, running?.tls),
    key: auditKey || meshSecret ? auditKeyOf(auditKey, meshSecret) : undefined,
  };
}

function told(service: string, report: Awaited<ReturnType<typeof trailOf>>): string {
  const { entries, resources, seals, published, unsealed, findings } = report;
  const counts = `${entries} acts on ${resources} resources, ${seals} seals, ${published} published, ${unsealed} not yet sealed`;
  return [
    `${findings.length > 0 ? "WRONG" : "ok   "}  ${service.padEnd(12)}  ${counts}`,
    ...findings.slice(0, shown).map(({ resourceId, sequence, fault, description }) => {
      const place = resourceId === "" ? `seal ${sequence}` : `${resourceId}, act ${sequence}`;
      return `       ${fault} at ${place}: ${description}`;
    }),
    ...(findings.length > shown ? [`       and ${findings.length - shown} more`] : []),
  ].join("\n");
}

function ending(wrong: number, all: number, { key, natsUrl, sealFile }: Where): string {
  return [
    "",
    ...(key === undefined ? ["the seals' key is not known here: set AUDIT_KEY to have their MACs looked at"] : []),
    ...(natsUrl === "" && sealFile === "" ? ["nothing that was published is known here: give --nats or --seals"] : []),
    wrong === 0 ? `all ${all} trails are whole` : `${wrong} of ${all} trails are not what was written`,
  ].join("\n");
}
