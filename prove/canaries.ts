// Thirty secrets of the kinds that people write where they should not, in thousands of requests at every door: customers,
// desk, guests, sellers, dock, over REST and gRPC. None may lie in clear in anything that the mesh leaves behind; and one
// that is planted in each kind of place is found, for otherwise nothing would be proven.
import { toBinary, toJson } from "@bufbuild/protobuf";
import { Client, credentials, Metadata, status } from "@grpc/grpc-js";
import { createMinter } from "#kit/access.js";
import { registry } from "#kit/contracts.js";
import { freePorts } from "#kit/local/ports.js";
import type { PersonRole } from "../scripts/mesh/issuer.js";
import { type ServiceName, serviceNames } from "../scripts/mesh/services.js";
import { canaries } from "../test/canaries.js";
import { openCollector } from "./canaries/collector.js";
import { lookThrough } from "./canaries/looking.js";
import { plant } from "./canaries/plants.js";
import { places, Sightings } from "./canaries/sightings.js";
import { openStories, type Told } from "./canaries/stories.js";
import { restOf, rolesOf, strayMessage, strayMethods } from "./canaries/strays.js";
import { openSubscriber } from "./canaries/subscriber.js";
import { type Chance, chanceOf } from "./chance.js";
import { openDesk } from "./desk.js";
import type { Draw } from "./options.js";
import { atOnce, counter, number, type Proof, type Say, Tally } from "./proof.js";
import { openRest, type Rest } from "./rest.js";

/** Requests if nobody says how many. */
const usual = 5_000;
const perStory = 50;
const settleMs = 6_000;

type Overheard = Awaited<ReturnType<typeof openOverheard>>;

/** A whole mesh that says all it can: every line, every span, every measure. */
export async function openOverheard(say: Say) {
  const collector = await openCollector();
  const ports = await freePorts(serviceNames.length);
  const metricsAt = new Map<string, number>(serviceNames.map((name, i) => [name, ports[i] ?? 0]));
  const often = { GUEST_CODES_PER_HOUR: "1000000", GUEST_CODES_PER_NETWORK: "1000000" };
  const settings = () =>
    Object.fromEntries(
      serviceNames.map((name) => [
        name,
        {
          ...{ LOG_LEVEL: "debug", METRICS_PORT: String(metricsAt.get(name)) },
          ...{ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, TRACE_SAMPLE_PERCENT: "100" },
          ...(name === "resolution" ? often : {}),
        },
      ]),
    );
  const desk = await openDesk({ settings }, say);
  const close = async () => {
    await desk.close();
    collector.close();
  };
  return { ...desk, metricsAt, collector, close };
}

export async function provenCanaries(desk: Overheard, say: Say, { seed, count = usual }: Draw): Promise<Proof[]> {
  const words = canaries.map(({ secret }) => secret);
  const chance = chanceOf(seed + 13);
  const sightings = new Sightings(words);
  desk.collector.watch((bytes) => sightings.look("spans", "a batch of spans", bytes.toString()));
  const rest = openRest(desk.mesh);
  const subscriber = await openSubscriber();
  try {
    subscriber.watch((body) => sightings.look("webhooks", "an event", body));
    await rest.post("OPERATOR", "olga", "/v1/webhook-subscriptions", { url: subscriber.url });
    const { answers, readBack, stories } = await sent(desk, rest, chance, count, counter(say, "requests", count));
    say("  looking through what is left behind");
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    await lookThrough(desk, desk.metricsAt, sightings);
    const found = sightings.at();
    const unseen = places.filter((place) => place !== "dead letters" && sightings.piecesOf(place) === 0);
    const proofs = [
      {
        asked: `${words.length} secrets in ${number(count)} requests over REST and gRPC, seed ${seed}: none in clear in anything left behind, and whoever may read them does`,
        counted: [
          `${answers}`,
          `${readBack} of ${stories} stories read back as they were written`,
          `seen: ${found.length}${unseen.length > 0 ? `; nothing to look through in ${unseen.join(", ")}` : ""}`,
          ...found.slice(0, 30),
        ].join("\n  "),
        rows: [["place", "pieces", "KiB", "seen"], ...sightings.rows],
        ok: found.length === 0 && unseen.length === 0 && readBack === stories,
      },
    ];
    return [...proofs, await provenFound(desk, subscriber, words[0] as string)];
  } finally {
    rest.close();
    subscriber.close();
  }
}

/** That a secret in each kind of place is seen there. */
async function provenFound(
  desk: Overheard,
  subscriber: Awaited<ReturnType<typeof openSubscriber>>,
  word: string,
): Promise<Proof> {
  const sightings = new Sightings([word]);
  desk.collector.watch((bytes) => sightings.look("spans", "a batch of spans", bytes.toString()));
  subscriber.watch((body) => sightings.look("webhooks", "an event", body));
  const planted = await plant(desk, desk.collector, subscriber, word);
  await lookThrough(desk, new Map([["planted", planted.metricsPort]]), sightings);
  planted.close();
  const missed = places.filter((place) => sightings.at(place).length === 0);
  return {
    asked: "one secret planted in each kind of place: found in every one",
    counted: missed.length === 0 ? `found in ${places.join(", ")}` : `not found in ${missed.join(", ")}`,
    ok: missed.length === 0,
  };
}

/** Stories, and between them requests made of the contracts, until it is that many. */
async function sent(desk: Overheard, rest: Rest, chance: Chance, count: number, onDone: (done: number) => void) {
  const answers = new Tally();
  let done = 0;
  const note = (what: string, taken: boolean) => {
    answers.add(`${what} ${taken ? "taken" : "refused"}`);
    onDone(++done);
  };
  const { told } = openStories(desk, rest, (what, answer) => note(what, answer.status === 200));
  const grpc = openGrpc(desk);
  const word = () => chance.pick(canaries).secret;
  const of = (kind: string) => chance.pick(canaries.filter((one) => one.kind === kind)).secret;
  const secrets = chance.shuffled(canaries).map(({ secret }) => secret);
  let readBack = 0;
  const stories = Math.max(3, Math.ceil(count / perStory));
  await atOnce(Array.from({ length: stories }), 4, async (_, nth) => {
    // Three at a time, so that ten stories have all of them.
    const three = [0, 1, 2].map((more) => secrets[(nth * 3 + more) % secrets.length]).join(" | ");
    const story = await told(three, { phone: of("phone"), email: of("e-mail") }, nth % 3 === 0);
    if (story.readBack) readBack++;
    // Each story has its share of the rest; the last ones fill up what is missing.
    for (let left = Math.floor(((nth + 1) * count) / stories) - done; left > 0; left--) {
      const overRest = chance.percent(50);
      const taken = overRest ? await strayRest(rest, chance, story, word) : await grpc.stray(chance, story, word);
      note(overRest ? "REST" : "gRPC", taken);
    }
  });
  grpc.close();
  return { answers, readBack, stories };
}

async function strayRest(rest: Rest, chance: Chance, { known }: Told, word: () => string): Promise<boolean> {
  const secret = encodeURIComponent(word());
  if (chance.percent(10)) {
    const path = chance.pick([`/v1/resolutions/${secret}`, `/v1/resolutions?page_token=${secret}`, `/v1/${secret}`]);
    return (await rest.get("AGENT", "alice", path)).status === 200;
  }
  const method = chance.pick(strayMethods.filter((one) => restOf(one, known)));
  const { verb = "", path = "" } = restOf(method, known) ?? {};
  const roles = rolesOf(method).filter((role) => role !== "SERVICE");
  const role = (roles.length > 0 ? chance.pick(roles) : "AGENT") as PersonRole;
  const subject = subjectOf(role, known);
  if (verb !== "POST") return (await rest.get(role, subject, path)).status === 200;
  const message = strayMessage(chance, method.input, known, word);
  const body = {
    ...(toJson(method.input, message, { registry }) as object),
    [chance.percent(10) ? secret : ""]: secret,
  };
  const { "": _, requestId: _id, ...sentBody } = body as Record<string, unknown>;
  return (await rest.post(role, subject, path, sentBody)).status === 200;
}

function subjectOf(role: string, known: Told["known"]): string {
  if (role === "CUSTOMER") return known.customer_id ?? "";
  return role === "SELLER" ? "seller-a" : "lena";
}

const asIs = (bytes: Buffer): Buffer => bytes;

/** The services' own ports. */
function openGrpc({ mesh, meshSecret }: Overheard) {
  const mint = createMinter("prove", meshSecret);
  const clients = new Map<string, Client>();
  const clientOf = (service: ServiceName) => {
    const client = clients.get(service) ?? new Client(mesh.addresses[service], credentials.createInsecure());
    clients.set(service, client);
    return client;
  };
  return {
    stray: async (chance: Chance, { known }: Told, word: () => string): Promise<boolean> => {
      const method = chance.pick(strayMethods);
      const role = chance.pick(rolesOf(method));
      const service = (method.parent.typeName.split(".")[1] ?? "") as ServiceName;
      const metadata = new Metadata();
      metadata.set("authorization", `Bearer ${await mint({ subject: subjectOf(role, known), role, via: "" })}`);
      const bytes = Buffer.from(toBinary(method.input, strayMessage(chance, method.input, known, word)));
      const path = `/${method.parent.typeName}/${method.name}`;
      const options = { deadline: Date.now() + 20_000 };
      return new Promise((resolve) => {
        clientOf(service).makeUnaryRequest(path, asIs, asIs, bytes, metadata, options, (error) =>
          resolve(!error || error.code === status.OK),
        );
      });
    },
    close: () => {
      for (const client of clients.values()) client.close();
    },
  };
}
