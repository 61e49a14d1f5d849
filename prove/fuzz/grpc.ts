// Calls to the services' own ports that mean no good: right paths with spoiled messages, frames, headers and deadlines, as an
// HTTP/2 client sends them that knows nothing of gRPC; and bytes that are no HTTP/2. Whatever comes gets a status.
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { create, type DescField, type DescMessage, type DescMethod, ScalarType, toBinary } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { ErrorInfo } from "#gen/google/rpc/error_details.js";
import { Status } from "#gen/google/rpc/status.js";
import { createMinter } from "#kit/access.js";
import { accessOf, type RoleWord, roles } from "#kit/contracts.js";
import type { ServiceName } from "../../scripts/mesh/services.js";
import type { Chance } from "../chance.js";
import { methods, serviceOf } from "../matrix/grpc.js";
import type { Findings, Outcome } from "./oracle.js";

/** What fuzzing needs to come in: where each service answers, and tokens that open it. */
export type GrpcDoor = { addressOf(service: ServiceName): string; authorizationOf(role: RoleWord): string };

/** Tokens of every role, as services pass them on. */
export async function authorizations(meshSecret: string): Promise<(role: RoleWord) => string> {
  const mint = createMinter("fuzz", meshSecret);
  const tokens = new Map<RoleWord, string>();
  for (const role of roles.all) tokens.set(role, `Bearer ${await mint({ subject: "fuzz", role, via: "" })}`);
  return (role) => tokens.get(role) ?? "";
}

const patienceMs = 20_000;
const bomb = gzipSync(Buffer.alloc(20_000_000));

/** Sends that many. */
export async function fuzzGrpc(
  door: GrpcDoor,
  chance: Chance,
  count: number,
  findings: Findings,
  onDone = (_: number) => {},
) {
  const sessions = new Map<string, ClientHttp2Session>();
  const sessionOf = (address: string) => {
    const known = sessions.get(address);
    if (known && !known.closed && !known.destroyed) return known;
    const session = connectHttp2(`http://${address}`);
    session.on("error", () => {}); // its streams say so
    sessions.set(address, session);
    return session;
  };
  let done = 0;
  const lane = async () => {
    while (done < count) {
      onDone(done++);
      const method = chance.pick(methods);
      const address = door.addressOf(serviceOf(method));
      if (chance.percent(2)) {
        const bytes = rawBytes(chance);
        findings.note(await sendRaw(address, bytes), () => `${address} ${bytes.toString("hex").slice(0, 200)}`);
        continue;
      }
      const headers = headersFor(chance, method, door);
      const frame = framed(chance, spoiledMessage(chance, method.input));
      const outcome = await send(sessionOf(address), headers, frame);
      findings.note(outcome, () => `${JSON.stringify(headers).slice(0, 200)} ${frame.toString("hex").slice(0, 200)}`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  for (const session of sessions.values()) session.destroy();
}

function headersFor(chance: Chance, method: DescMethod, door: GrpcDoor): Record<string, string> {
  const role = chance.pick([...accessOf(method).roles]);
  const headers: Record<string, string> = {
    ":method": chance.percent(98) ? "POST" : "GET",
    ":path": chance.percent(97)
      ? `/${method.parent.typeName}/${method.name}`
      : chance.pick(["/", "/x", `/${method.parent.typeName}/No`]),
    "content-type": chance.percent(97)
      ? "application/grpc"
      : chance.pick(["application/json", "application/grpc+x", ""]),
    te: "trailers",
    authorization: chance.percent(85)
      ? door.authorizationOf(role)
      : chance.pick(["", "Bearer", "Bearer x.y.z", `Bearer ${"x".repeat(8000)}`]),
  };
  if (chance.percent(20))
    headers["grpc-timeout"] = chance.pick(["0m", "1n", "-1S", "x", "99999999H", "999999999999S", "1", "5S"]);
  if (chance.percent(5)) headers["x-large"] = "y".repeat(chance.pick([100, 8_000, 16_384, 60_000]));
  if (chance.percent(5)) headers["grpc-encoding"] = chance.pick(["gzip", "deflate", "identity", "snappy"]);
  if (chance.percent(5)) headers.traceparent = chance.pick(["x", `00-${"0".repeat(32)}-${"0".repeat(16)}-01`, "ff-ff"]);
  if (chance.percent(3)) headers["grpc-status-details-bin"] = "%%%";
  return headers;
}

/** A gRPC frame around a message, which may lie about what it holds. */
function framed(chance: Chance, message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head[0] = chance.percent(96) ? 0 : chance.pick([1, 2, 255]);
  head.writeUInt32BE(message.length, 1);
  if (chance.percent(1)) {
    head[0] = 1;
    head.writeUInt32BE(bomb.length, 1);
    return Buffer.concat([head, bomb]);
  }
  if (chance.percent(3)) head.writeUInt32BE(chance.pick([0, 1, 0x7fffffff, 0xffffffff]), 1);
  if (chance.percent(2)) return Buffer.concat([head, message, head, message]);
  return Buffer.concat([head, message]);
}

const depth = 10_000;

function spoiledMessage(chance: Chance, input: DescMessage): Buffer {
  const own = Buffer.from(toBinary(input, create(input, likely(chance, input))));
  const number = chance.between(1, 40);
  const tag = (wire: number) => varint(BigInt((number << 3) | wire));
  const ways: readonly (() => Buffer)[] = [
    () => own,
    () => flipped(chance, own),
    () => own.subarray(0, chance.below(own.length + 1)),
    () => Buffer.from(Array.from({ length: chance.below(300) }, () => chance.below(256))),
    // Groups in groups: 20 KB that a recursive reader does not survive.
    () => Buffer.concat([Buffer.alloc(depth, (number & 15) === 0 ? 0x0b : ((number & 15) << 3) | 3), own]),
    () => Buffer.concat([own, Buffer.alloc(depth, 0x0b), Buffer.alloc(depth, 0x0c)]),
    () => nested(chance.between(50, 3000), number & 15 || 1),
    () =>
      Buffer.concat([
        own,
        tag(chance.below(8)),
        varint(chance.pick([0n, 1n, 0x7fffffffn, 0xffffffffn, 0xffffffffffffffffn])),
      ]),
    () => Buffer.concat([tag(2), Buffer.alloc(11, 0xff), own]),
    () => Buffer.concat([own, tag(2), varint(5n), Buffer.from([0xed, 0xa0, 0x80, 0xc0, 0xaf])]),
    () => Buffer.concat([own, ...Array(chance.pick([10, 5_000])).fill(Buffer.concat([tag(0), varint(1n)]))]),
  ];
  return chance.pick(ways)();
}

/** Messages in messages by length, so many deep. */
function nested(levels: number, number: number): Buffer {
  let bytes: Buffer = Buffer.alloc(0);
  for (let level = 0; level < levels; level++)
    bytes = Buffer.concat([Buffer.from([(number << 3) | 2]), varint(BigInt(bytes.length)), bytes]);
  return bytes;
}

/** A message whose fields look as if somebody had meant them. */
function likely(chance: Chance, message: DescMessage, level = 0): Record<string, unknown> {
  const shown = message.fields.filter((field) => field.fieldKind !== "map" && !field.oneof && chance.percent(70));
  return Object.fromEntries(
    shown.map((field) => [field.localName, fieldLike(chance, field, level)]).filter(([, value]) => value !== undefined),
  );
}

function fieldLike(chance: Chance, field: DescField, level: number): unknown {
  if (field.message) {
    if (level > 3 || field.message.typeName.startsWith("google.protobuf.")) return undefined;
    const one = () => create(field.message as DescMessage, likely(chance, field.message as DescMessage, level + 1));
    return field.fieldKind === "list" ? Array.from({ length: chance.below(3) }, one) : one();
  }
  const one = scalarLike(chance, field);
  return field.fieldKind === "list" ? [one] : one;
}

function scalarLike(chance: Chance, { enum: desc, scalar }: DescField): unknown {
  if (desc) return chance.percent(90) ? chance.pick(desc.values).number : chance.pick([-1, 2_147_483_647]);
  switch (scalar) {
    case ScalarType.STRING:
      return chance.pick(["", "x", "l-1", "ord_01K8ZC4N5T6W7X9YABDEFGHJKM", "\u0000", "한", "x".repeat(5000)]);
    case ScalarType.BOOL:
      return chance.percent(50);
    case ScalarType.BYTES:
      return new Uint8Array(chance.below(100));
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return chance.pick([0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n)]);
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return chance.pick([0n, 1n, 2n ** 64n - 1n]);
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return chance.pick([0, 1.5, Number.NaN, Number.POSITIVE_INFINITY]);
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return chance.pick([0, 1, 4_294_967_295]);
    default:
      return chance.pick([0, 1, -1, 2_147_483_647, -2_147_483_648]);
  }
}

function flipped(chance: Chance, bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  for (let times = chance.between(1, 4); times > 0 && copy.length > 0; times--)
    copy[chance.below(copy.length)] = chance.below(256);
  return copy;
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    const low = Number(rest & 127n);
    if (rest < 128n) return Buffer.from([...bytes, low]);
    bytes.push(low | 128);
  }
}

function send(session: ClientHttp2Session, headers: Record<string, string>, frame: Buffer): Promise<Outcome> {
  return new Promise((resolve) => {
    let said: Record<string, unknown> = {};
    let stream: ReturnType<ClientHttp2Session["request"]>;
    const timer = setTimeout(() => {
      resolve({ answer: "none", wrong: `no answer in ${patienceMs} ms, ${headers[":path"]}` });
      stream?.close();
    }, patienceMs);
    const end = (outcome: Outcome) => {
      clearTimeout(timer);
      resolve(outcome);
    };
    try {
      stream = session.request(headers);
    } catch (error) {
      const { code } = error as { code?: string };
      end({ answer: "not sent", wrong: code === "ERR_HTTP2_INVALID_SESSION" ? undefined : String(error) });
      return;
    }
    const hear = (more: Record<string, unknown>) => {
      said = { ...said, ...more };
    };
    stream.on("response", hear);
    stream.on("trailers", hear);
    stream.on("data", () => {
      if (headers[":path"]?.endsWith("Watch") || headers[":path"]?.includes("WatchResolution")) stream.close();
    });
    stream.on("error", () => {}); // a reset is an answer, too
    stream.on("close", () => end(judged(headers[":path"] ?? "", said)));
    stream.end(frame);
  });
}

/** Only ours are told apart by a reason; what gRPC itself refuses has none, and is none of our errors. */
function judged(path: string, said: Record<string, unknown>): Outcome {
  const code = said["grpc-status"];
  if (code === undefined) return { answer: "reset" };
  const raw = said["grpc-status-details-bin"];
  const reason = typeof raw === "string" ? reasonIn(Buffer.from(raw, "base64")) : "";
  const answer = status[Number(code)] ?? String(code);
  const isOurs = reason === "INTERNAL" || Number(code) === status.UNKNOWN || Number(code) === status.DATA_LOSS;
  return { answer, wrong: isOurs ? `${answer} ${reason} ${path}` : undefined };
}

function reasonIn(raw: Buffer): string {
  const info = Status.decode(raw).details.find(({ typeUrl }) => typeUrl.endsWith("/google.rpc.ErrorInfo"));
  return info ? ErrorInfo.decode(info.value).reason : "";
}

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** HTTP/2 frames, right and wrong, as no client sends them. */
function rawBytes(chance: Chance): Buffer {
  const junk = (most: number) => Buffer.from(Array.from({ length: chance.below(most) }, () => chance.below(256)));
  const frame = (type: number, flags: number, stream: number, payload: Buffer) => {
    const head = Buffer.alloc(9);
    head.writeUIntBE(payload.length, 0, 3);
    head[3] = type;
    head[4] = flags;
    head.writeUInt32BE(stream, 5);
    return Buffer.concat([head, payload]);
  };
  const settings = frame(4, 0, 0, Buffer.alloc(0));
  return chance.pick([
    () => junk(300),
    () => Buffer.concat([preface, junk(300)]),
    () => Buffer.concat([preface, settings, frame(chance.below(12), chance.below(256), chance.below(10), junk(200))]),
    () => Buffer.concat([preface, settings, ...Array(500).fill(frame(6, 0, 0, Buffer.alloc(8)))]),
    () =>
      Buffer.concat([
        preface,
        settings,
        frame(1, 0, 1, junk(100)),
        ...Array(200).fill(frame(9, 0, 1, Buffer.alloc(100))),
      ]),
    () =>
      Buffer.concat([
        preface,
        settings,
        frame(8, 0, 0, Buffer.alloc(4)),
        frame(8, 0, 0, Buffer.from([0x7f, 0xff, 0xff, 0xff])),
      ]),
    () =>
      Buffer.concat([
        preface,
        settings,
        ...Array.from({ length: 200 }, (_, i) =>
          Buffer.concat([frame(1, 4, 2 * i + 1, Buffer.from([0x82, 0x86])), frame(3, 0, 2 * i + 1, Buffer.alloc(4))]),
        ),
      ]),
    () => Buffer.concat([preface, frame(4, 0, 0, Buffer.from([0, 4, 0xff, 0xff, 0xff, 0xff]))]),
  ])();
}

/** Nothing is to be said to that; whether the service lives is seen by the calls beside it. */
function sendRaw(address: string, bytes: Buffer): Promise<Outcome> {
  const [host, port] = address.split(":");
  return new Promise((resolve) => {
    const socket = connect(Number(port), host);
    socket.setTimeout(1000, () => socket.destroy());
    socket.on("data", () => {});
    socket.on("error", () => {});
    socket.on("close", () => resolve({ answer: "no HTTP/2" }));
    socket.end(bytes);
  });
}
