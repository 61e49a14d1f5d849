// Plays the Online Retail record, or a part of it, against a running mesh: `npm run replay -- online-retail.csv.gz`.
import { resolve } from "node:path";
import { RecordError } from "../replay/record.js";
import { renderReport, reportObject } from "../replay/report.js";
import { openRest } from "../replay/rest.js";
import { runReplay } from "../replay/run.js";
import { openSandbox } from "../replay/sandbox.js";
import { Failure, readArguments, runCommand, UsageError } from "./mesh/arguments.js";
import { commandIdentity } from "./mesh/certificates.js";
import { openIssuer } from "./mesh/issuer.js";
import { runningMesh } from "./mesh/lock.js";
import { localDir } from "./mesh/places.js";
import { keptShifts } from "./mesh/shifts.js";
import { progressLine } from "./progress.js";

/** A replay of the whole record takes minutes; no token of it may expire on the way. */
const tokenSeconds = 12 * 3600;

const help = `
Plays the record of a UK gift shop, or a part of it, against a running mesh (npm start): its sales become orders, its
cancellations requests of their customers, each at its time. At the end the money is checked to the penny.

  npm run replay -- FILE [--from DAY] [--to DAY] [--json] [--gateway URL] [--sandbox HOST:PORT] [--dir DIR]
    [--tls DIR]

  FILE       Online Retail as .csv or .csv.gz, columns as in replay/excerpt/README.md
  --from     the first day to play, yyyy-mm-dd in UK time
  --to       the last day to play
  --json     the report as JSON
  --gateway  the REST edge; that of the mesh of this checkout if not given, else http://127.0.0.1:8080
  --sandbox  the sandbox's gRPC port; likewise, else 127.0.0.1:7060
  --dir      the mesh's folder, with the key that signs the tokens; .local if not given
  --tls      certificates such as npm run ca makes, where the sandbox asks for one; the mesh's own if not given

Playing the same part again changes nothing: every request gets its first answer. Another part that overlaps with it asks
otherwise under the same ids, and is refused: play that against a mesh of its own. Exit code 0 only if all checks hold.
`;

await runCommand("replay", async () => {
  const text = { type: "string" } as const;
  const options = {
    from: text,
    to: text,
    json: { type: "boolean" },
    gateway: text,
    sandbox: text,
    dir: text,
    tls: text,
  } as const;
  const { values, positionals } = readArguments(help, options);
  const [file, second] = positionals;
  if (!file) throw new UsageError("which file? such as npm run replay -- replay/excerpt/online-retail-excerpt.csv");
  if (second) throw new UsageError(`one file at a time, not ${second} as well`);

  const dir = resolve(values.dir ?? localDir);
  const running = runningMesh(dir);
  const issuer = await openIssuer(dir);
  const rest = openRest(values.gateway ?? running?.gatewayUrl ?? "http://127.0.0.1:8080");
  const operator = await issuer.token("OPERATOR", "replay", tokenSeconds);
  const identity = commandIdentity(values.tls, dir, running?.tls);
  const address = values.sandbox ?? running?.sandbox ?? "127.0.0.1:7060";
  const sandbox = openSandbox(address, async () => operator, identity);
  const line = progressLine();
  try {
    const tally = await runReplay({
      // npm runs scripts in the checkout; a person may stand elsewhere.
      file: resolve(process.env.INIT_CWD ?? ".", file),
      from: values.from,
      to: values.to,
      rest,
      sandbox,
      token: (role, subject) => issuer.token(role, subject, tokenSeconds),
      shifts: keptShifts(dir),
      onProgress: line.show,
    });
    line.done();
    console.log(values.json ? JSON.stringify(reportObject(tally), undefined, 2) : renderReport(tally));
    return tally.checks.every(({ ok }) => ok) ? 0 : 1;
  } catch (error) {
    line.done();
    if (error instanceof RecordError || error instanceof RangeError) throw new UsageError(error.message);
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw new UsageError(`there is no file ${file}`);
    if (isNotThere(error)) throw new Failure(`${(error as Error).message}\nIs the mesh up? npm start starts one.`);
    throw error;
  } finally {
    rest.close();
    sandbox.close();
  }
});

/** Nobody listens there. */
function isNotThere(error: unknown): boolean {
  return /ECONNREFUSED|UPSTREAM_UNAVAILABLE|cannot be reached/.test(String(error));
}
