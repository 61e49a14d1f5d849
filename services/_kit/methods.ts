// A contract as ts-proto writes it, as types. The client package is built from this file too: it imports grpc-js alone.
import type { MethodDefinition } from "@grpc/grpc-js";

// biome-ignore lint/suspicious/noExplicitAny: any method of any contract
export type AnyMethod = MethodDefinition<any, any> & { path: string };

/** Method definitions by name. */
export type ServiceContract = Readonly<Record<string, AnyMethod>>;

export type RequestOf<M> = M extends { requestSerialize: (value: infer Q) => Buffer } ? Q : never;
export type ResponseOf<M> = M extends { responseDeserialize: (value: Buffer) => infer R } ? R : never;
