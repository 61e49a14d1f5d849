// Streams of bytes: what comes in parts goes out as one file, as fast as its reader takes it. It is never held as a whole.
import { PassThrough } from "node:stream";
import type { ClientReadableStream, ServiceError } from "@grpc/grpc-js";
import type { FastifyReply } from "fastify";
import { bodyIn } from "./binary.js";
import type { Route } from "./routes.js";

/**
 * Sends what the call yields. The first part says what it is; what breaks after it breaks the connection, so that nobody
 * takes a part for the whole.
 * @throws ServiceError if the call fails before it yields anything
 */
export async function sendDownload(
  route: Route,
  call: ClientReadableStream<Buffer>,
  reply: FastifyReply,
  until: AbortSignal,
): Promise<FastifyReply> {
  const leave = () => call.cancel();
  reply.raw.once("close", leave);
  until.addEventListener("abort", leave, { once: true });
  reply.raw.once("close", () => until.removeEventListener("abort", leave));
  const out = new PassThrough();
  // Never unheard, and acted upon once somebody reads: before that it is thrown.
  const broken: { error?: ServiceError; heard: boolean } = { heard: false };
  call.on("error", (error: ServiceError) => {
    broken.error ??= error;
    if (broken.heard) out.destroy(error);
  });
  const first = await firstPart(route, call);
  const { contentType, data } = first ? bodyIn(route, first) : { contentType: "", data: new Uint8Array() };
  out.on("drain", () => call.resume());
  call.on("data", (bytes: Buffer) => {
    if (!out.write(bodyIn(route, bytes).data)) call.pause();
  });
  call.once("end", () => out.end());
  if (data.length > 0) out.write(data);
  reply.header("content-disposition", "attachment").header("cache-control", "no-store");
  reply.type(contentType || "application/octet-stream");
  if (first) call.resume();
  else out.end();
  void reply.send(out);
  broken.heard = true;
  if (broken.error) out.destroy(broken.error);
  return reply;
}

function firstPart(route: Route, call: ClientReadableStream<Buffer>): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const failed = (error: ServiceError) => reject(Object.assign(error, { target: route.service }));
    const ended = () => resolve(undefined);
    call.once("error", failed);
    call.once("end", ended);
    call.once("data", (bytes: Buffer) => {
      call.pause();
      call.off("error", failed);
      call.off("end", ended);
      resolve(bytes);
    });
  });
}
