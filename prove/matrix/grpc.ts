// The services' own doors: every rpc of every contract, asked with an empty message and any authorization.

import { Writable } from "node:stream";
import type { DescMethod } from "@bufbuild/protobuf";
import { Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { ErrorInfo } from "#gen/google/rpc/error_details.js";
import { Status } from "#gen/google/rpc/status.js";
import { registry } from "#kit/contracts.js";
import type { ServiceName } from "../../scripts/mesh/services.js";
import type { Header } from "./tokens.js";

/** How a caller was met: let in, refused by role or by a key's scopes, taken for nobody, or what else went wrong. */
export type Met = "let in" | "refused" | "out of scope" | "nobody" | `wrong: ${string}`;

/** Every rpc of ours. */
export const methods: readonly DescMethod[] = [...registry.files]
  .flatMap((file) => file.services)
  .filter(({ typeName }) => typeName.startsWith("backhaul."))
  .flatMap((service) => service.methods);

export type GrpcDoors = ReturnType<typeof openGrpcDoors>;

/** Opens a channel to every service. @param addressOf where a service answers */
export function openGrpcDoors(addressOf: (service: ServiceName) => string) {
  const clients = new Map<ServiceName, Client>();
  function clientOf(method: DescMethod): Client {
    const service = serviceOf(method);
    const client = clients.get(service) ?? new Client(addressOf(service), credentials.createInsecure());
    clients.set(service, client);
    return client;
  }
  return {
    ask: async (method: DescMethod, header: Header): Promise<Met> =>
      metOf(await called(clientOf(method), method, header)),
    close: () => {
      for (const client of clients.values()) client.close();
    },
  };
}

/** The sandbox plays all partners; of what every service answers, one is asked. */
export function serviceOf({ parent }: DescMethod): ServiceName {
  const domain = parent.typeName.split(".")[1] ?? "";
  if (domain === "audit" || domain === "operator") return "refund";
  // Served by every service that keeps words of people; one stands for all, for the kit answers in each.
  if (domain === "privacy") return "refund";
  return domain === "partner" || domain === "sandbox" ? "partners" : (domain as ServiceName);
}

const asIs = (bytes: Buffer): Buffer => bytes;
const nothing = Buffer.alloc(0);

/** Calls with an empty message, a stream with none; resolves with the error, if it was one. */
function called(client: Client, method: DescMethod, header: Header): Promise<ServiceError | undefined> {
  const path = `/${method.parent.typeName}/${method.name}`;
  const metadata = new Metadata();
  if (header !== undefined) metadata.set("authorization", header);
  const options = { deadline: Date.now() + 20_000 };
  return new Promise((resolve) => {
    if (method.methodKind === "unary") {
      client.makeUnaryRequest(path, asIs, asIs, nothing, metadata, options, (error) => resolve(error ?? undefined));
      return;
    }
    const stream =
      method.methodKind === "server_streaming"
        ? client.makeServerStreamRequest(path, asIs, asIs, nothing, metadata, options)
        : client.makeBidiStreamRequest(path, asIs, asIs, metadata, options);
    stream.on("data", () => stream.cancel()); // something to read is enough
    stream.on("end", () => resolve(undefined));
    stream.on("error", (error: ServiceError) => resolve(error.code === status.CANCELLED ? undefined : error));
    if (stream instanceof Writable) stream.end();
  });
}

const ours: ReadonlySet<status> = new Set([
  status.INTERNAL,
  status.UNKNOWN,
  status.UNIMPLEMENTED,
  status.UNAVAILABLE,
  status.DEADLINE_EXCEEDED,
  status.DATA_LOSS,
]);

function metOf(error: ServiceError | undefined): Met {
  if (!error) return "let in";
  const reason = reasonOf(error);
  if (error.code === status.UNAUTHENTICATED && reason === "UNAUTHENTICATED") return "nobody";
  if (error.code === status.PERMISSION_DENIED && reason === "ROLE_NOT_ALLOWED") return "refused";
  const odd = error.code === status.UNAUTHENTICATED || error.code === status.PERMISSION_DENIED || reason === "";
  return odd || ours.has(error.code) ? `wrong: ${status[error.code]} ${reason} ${error.details}` : "let in";
}

function reasonOf(error: ServiceError): string {
  const raw = error.metadata?.get("grpc-status-details-bin")[0];
  if (!(raw instanceof Buffer)) return "";
  const info = Status.decode(raw).details.find((detail) => detail.typeUrl.endsWith("/google.rpc.ErrorInfo"));
  return info ? ErrorInfo.decode(info.value).reason : "";
}
