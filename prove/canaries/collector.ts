// An OTLP collector of the proof's own: takes every batch of spans that a process sends, as the bytes it came in.
import { Client, credentials, Server, ServerCredentials } from "@grpc/grpc-js";

const path = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
const asIs = (bytes: Buffer): Buffer => bytes;
const method = {
  path,
  requestStream: false,
  responseStream: false,
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
} as const;

export type Collector = Awaited<ReturnType<typeof openCollector>>;

export async function openCollector() {
  let onBatch = (_: Buffer): void => {};
  const server = new Server({ "grpc.max_receive_message_length": 64 * 1024 * 1024 });
  server.addService(
    { export: method },
    {
      export: (call: { request: Buffer }, answer: (error: null, bytes: Buffer) => void) => {
        onBatch(call.request);
        answer(null, Buffer.alloc(0));
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return {
    /** What processes are told of it. */
    endpoint: `http://127.0.0.1:${port}`,
    /** Who is shown the batches from now on. */
    watch: (look: (bytes: Buffer) => void) => {
      onBatch = look;
    },
    /** Sends it bytes as a process would. */
    send: (bytes: Buffer) =>
      new Promise<void>((resolve, reject) => {
        const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
        client.makeUnaryRequest(path, asIs, asIs, bytes, (error) => {
          client.close();
          if (error) reject(error);
          else resolve();
        });
      }),
    close: () => server.forceShutdown(),
  };
}
