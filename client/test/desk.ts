// A resolution service that answers as a test says, and remembers what it was asked.
import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type StatusObject,
  type status,
} from "@grpc/grpc-js";
import {
  type CreateResolutionRequest,
  CreateResolutionResponse,
  type ListResolutionsRequest,
  type ListResolutionsResponse,
  ResolutionServiceService,
  type WatchResolutionRequest,
  WatchResolutionResponse,
} from "../../gen/backhaul/resolution/v1/resolution_service.js";
import { ScenarioServiceService } from "../../gen/backhaul/sandbox/v1/scenario_service.js";
import { toStatus } from "../../services/_kit/errors.js";

/** What is told of a call. */
export type Asked<Q> = { readonly request: Q; readonly metadata: Metadata; readonly canceled: AbortSignal };

type Answers = {
  create(asked: Asked<CreateResolutionRequest>): Promise<Partial<CreateResolutionResponse>>;
  list(asked: Asked<ListResolutionsRequest>): Promise<ListResolutionsResponse>;
  /** Sequences to send; a thrown error cuts the stream. */
  watch(asked: Asked<WatchResolutionRequest>): AsyncIterable<number>;
  addScenario(): Promise<never>;
};

export type Desk = { readonly address: string; stop(): void };

/** Serves at a free port. Thrown DomainErrors become what the mesh's services say. */
export async function openDesk(answers: Partial<Answers>, credentials = ServerCredentials.createInsecure()) {
  const server = new Server();
  const { create, list, watch, addScenario } = answers;
  server.addService(ResolutionServiceService, {
    ...(create && {
      createResolution: unary(async (asked: Asked<CreateResolutionRequest>) =>
        CreateResolutionResponse.fromPartial(await create(asked)),
      ),
    }),
    ...(list && { listResolutions: unary(list) }),
    ...(watch && { watchResolution: stream(watch) }),
  } as never);
  server.addService(ScenarioServiceService, { ...(addScenario && { addScenario: unary(addScenario) }) } as never);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  return { address: `127.0.0.1:${port}`, stop: () => server.forceShutdown() };
}

/** As a proxy would answer, or a service that is not there: no reason, no details. */
export class Bare extends Error {
  constructor(
    readonly code: status,
    message = "gone",
  ) {
    super(message);
  }
}

function unary<Q, R>(answer: (asked: Asked<Q>) => Promise<R>) {
  return (call: ServerUnaryCall<Q, R>, reply: (error: Partial<StatusObject> | null, response?: R) => void) => {
    const { request, metadata } = call;
    answer({ request, metadata, canceled: cancellation(call) }).then(
      (response) => reply(null, response),
      (e) => reply(refused(e)),
    );
  };
}

function stream(answer: Answers["watch"]) {
  return async (call: ServerWritableStream<WatchResolutionRequest, WatchResolutionResponse>) => {
    try {
      const { request, metadata } = call;
      for await (const n of answer({ request, metadata, canceled: cancellation(call) })) {
        call.write(WatchResolutionResponse.fromPartial({ entry: { sequence: n, name: `step ${n}` } }));
      }
      call.end();
    } catch (error) {
      call.emit("error", refused(error));
    }
  };
}

function refused(error: unknown): Partial<StatusObject> {
  return error instanceof Bare ? { code: error.code, details: error.message } : toStatus(error, "trace-1");
}

function cancellation(call: NodeJS.EventEmitter): AbortSignal {
  const canceled = new AbortController();
  call.on("cancelled", () => canceled.abort());
  return canceled.signal;
}
