// What operators ask of a running mesh's services: `npm run operator -- dead-letters list`.
import { resolve } from "node:path";
import { OperatorServiceService } from "#gen/backhaul/operator/v1/operator_service.js";
import { type ClientOf, type ClientOptions, openAddress } from "#kit/client.js";
import { RpcError } from "#kit/errors.js";
import { Failure, readArguments, runCommand, UsageError } from "./mesh/arguments.js";
import { commandIdentity } from "./mesh/certificates.js";
import { openIssuer } from "./mesh/issuer.js";
import { runningMesh } from "./mesh/lock.js";
import { localDir } from "./mesh/places.js";
import { serviceNames } from "./mesh/services.js";
import { type Asked, verbs } from "./operator/verbs.js";

const help = `
Looks into a mesh's services, and has them do otherwise. Who asked, for what and why stands in the audit trail.

  npm run operator -- build                                     what runs, since when, which migrations
  npm run operator -- flow                                      outbox, inbox, dead letters, steps, seals
  npm run operator -- dead-letters list [--state discarded]     facts that could not be taken in
  npm run operator -- dead-letters get EVENT
  npm run operator -- dead-letters replay EVENT --reason WHY    take it in after all; takes effect once
  npm run operator -- dead-letters discard EVENT --reason WHY   never take it in
  npm run operator -- steps list [--only due|overdue|stuck] [--step NAME] [--about ID]
  npm run operator -- steps run STEP --reason WHY               try a due step now
  npm run operator -- log-level get
  npm run operator -- log-level set debug [--for 15m]           falls back by itself
  npm run operator -- drain --reason WHY                        out of work; answers when what is under way has ended
  npm run operator -- undrain

  --service  whom to ask; all of them if not given, which only what changes nothing may
  --address  where it answers, one replica of it: host:port; as the running mesh says if not given
  --as       who asks; the local issuer makes the token. Or set OPERATOR_TOKEN
  --json     the answers as JSON
  --tls      certificates such as npm run ca makes, where the services ask for one; the mesh's own if not given
  --dir      the mesh's folder; .local if not given
`;

const services = serviceNames.filter((name) => name !== "gateway");

await runCommand("operator", async () => {
  const text = { type: "string" } as const;
  const places = { service: text, address: text, as: text, tls: text, dir: text, json: { type: "boolean" } } as const;
  const words = { reason: text, state: text, only: text, step: text, about: text, for: text } as const;
  const { values, positionals } = readArguments(help, { ...places, ...words });
  const [verb, left] = verbOf(positionals);
  if (values.service !== undefined && !services.some((name) => name === values.service))
    throw new UsageError(`"${values.service}" is none of ${services.join(", ")}`);
  if (verb.changes && !values.service) throw new UsageError("--service is missing: say whom to tell");
  const asked: Asked = { values: values as Asked["values"], left };

  const dir = resolve(values.dir ?? localDir);
  const token =
    process.env.OPERATOR_TOKEN || (await (await openIssuer(dir)).token("OPERATOR", values.as ?? "operator"));
  const running = runningMesh(dir);
  const identity = commandIdentity(values.tls, dir, running?.tls);
  const answers: Record<string, unknown> = {};
  for (const name of values.service ? [values.service] : services) {
    const address = values.address ?? running?.addresses[name];
    if (!address) throw new Failure(`no mesh runs from ${dir}: npm start starts one; or give --address`);
    const options = { service: "operator", mint: () => token, deadlineMs: 30_000, identity, server: name };
    const answer = await askedOf(address, options, (client) => verb.ask(client, asked));
    answers[name] = answer;
    if (!values.json) console.log(`${name}\n${verb.tell(answer)}`);
  }
  identity?.close();
  if (values.json) console.log(JSON.stringify(answers, plain, 2));
  return 0;
});

function verbOf(words: readonly string[]): [verb: (typeof verbs)[string], left: string[]] {
  for (const length of [2, 1]) {
    const verb = verbs[words.slice(0, length).join(" ")];
    if (verb && words.length >= length) return [verb, words.slice(length)];
  }
  throw new UsageError(words.length > 0 ? `"${words.join(" ")}" is no command` : "say what to do");
}

async function askedOf<T>(
  address: string,
  options: ClientOptions,
  ask: (client: ClientOf<typeof OperatorServiceService>) => Promise<T>,
): Promise<T> {
  const opened = openAddress(address, options);
  try {
    return await ask(opened.connect(OperatorServiceService));
  } catch (error) {
    if (error instanceof RpcError) throw new Failure(`${error.reason}: ${error.message}`);
    throw error;
  } finally {
    opened.close();
  }
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}
