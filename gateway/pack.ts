// Answers of text are packed for who can unpack them. Whole answers only: a stream's messages would wait in the packer for
// the next. Not @fastify/compress: it sends every answer through a stream, which costs a small one more than it saves.
import { brotliCompress, constants, gzip } from "node:zlib";
import type { FastifyInstance } from "fastify";
import { vary } from "./headers.js";

// Below it fits a packet or two either way.
const worthwhileBytes = 1024;

const text = /^(?:text\/|application\/(?:[\w.]+\+)?(?:json|javascript)\b)/;

type Coding = "br" | "gzip";
type Packer = (whole: Buffer | string, done: (error: Error | null, packed: Buffer) => void) => void;

// Levels that pack JSON to a fifth at tens of megabytes a second; the highest gain a few percent at a tenth of that.
const packers: Readonly<Record<Coding, Packer>> = {
  br: (whole, done) => brotliCompress(whole, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }, done),
  gzip: (whole, done) => gzip(whole, { level: 4 }, done),
};

/** Has every answer packed that is worth it. */
export function packAnswers(app: FastifyInstance): void {
  app.addHook<unknown>("onSend", (request, reply, payload, done) => {
    if (reply.hasHeader("content-encoding")) return done(null, payload);
    const whole = typeof payload === "string" || Buffer.isBuffer(payload);
    if (!whole || Buffer.byteLength(payload) < worthwhileBytes) return done(null, payload);
    if (!text.test(String(reply.getHeader("content-type")))) return done(null, payload);
    vary(reply, "accept-encoding");
    const coding = preferredCoding(request.headers["accept-encoding"]);
    if (!coding) return done(null, payload);
    packers[coding](payload, (error, packed) => {
      if (error) return done(error);
      reply.header("content-encoding", coding).removeHeader("content-length");
      const tag = reply.getHeader("etag");
      // Other bytes than those the tag was made of.
      if (typeof tag === "string" && !tag.startsWith("W/")) reply.header("etag", `W/${tag}`);
      done(null, packed);
    });
  });
}

/** What an Accept-Encoding likes best of what there is; br, which packs better, if it likes both as much. */
export function preferredCoding(header: string | string[] | undefined): Coding | undefined {
  if (!header) return undefined;
  const likes = new Map(String(header).split(",").map(readPart));
  const of = (coding: Coding) => likes.get(coding) ?? likes.get("*") ?? 0;
  const best = of("gzip") > of("br") ? "gzip" : "br";
  const asItIs = likes.get("identity") ?? 0;
  return of(best) > 0 && of(best) >= asItIs ? best : undefined;
}

function readPart(part: string): [string, number] {
  const [coding = "", ...params] = part
    .trim()
    .toLowerCase()
    .split(/\s*;\s*/);
  const quality = params.find((param) => param.startsWith("q="))?.slice(2);
  const liked = quality === undefined ? 1 : Number(quality);
  return [coding, liked >= 0 && liked <= 1 ? liked : 0];
}
