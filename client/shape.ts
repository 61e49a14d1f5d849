// Contracts as seen by their callers: what createBackhaul gives, as types.
import type { DeepPartial } from "../gen/google/rpc/status.js";
import type { RequestOf, ResponseOf, ServiceContract } from "../services/_kit/methods.js";
import type { CallOptions, WatchOptions } from "./options.js";

/** What the contract says of an rpc beside its messages; made by scripts/client. */
export type Fact = {
  /** Puts defaults where the caller left fields out. */
  readonly fill: (request: object) => unknown;
  /** Fields that the contract demands, but for the request id. */
  readonly needs: readonly string[];
  /** Whether the contract says that it may be sent again. */
  readonly repeatable: boolean;
  /** Whether it is a write that the mesh knows again by its id. */
  readonly requestId: boolean;
  /** Of a list: the field of the answer with a page's items. */
  readonly items?: string;
  /** Of a stream: the field of its messages whose `sequence` says how far it came. */
  readonly resumeBy?: string;
};

/** A service of the mesh. */
export type Contract = {
  readonly definition: ServiceContract;
  /** The process it is served by. */
  readonly home: string;
  readonly facts: Readonly<Record<string, Fact>>;
};

/** A request as it is written: what the contract demands must be there, all else may be left out. */
export type Ask<Q, N> = DeepPartial<Q> & Required<Pick<DeepPartial<Q>, N & keyof DeepPartial<Q>>>;

type Needs<F> = F extends { needs: readonly (infer N)[] } ? N : never;

type Unary<M, F> = (request: Ask<RequestOf<M>, Needs<F>>, options?: CallOptions) => Promise<ResponseOf<M>>;

type Listed<M, F> = F extends { items: infer I }
  ? {
      /** Every item of every page; asks for the next page when it is needed. `deadlineMs` holds for each page. */
      each(
        request: Ask<RequestOf<M>, Needs<F>>,
        options?: CallOptions,
      ): AsyncGenerator<ResponseOf<M>[I & keyof ResponseOf<M>] extends readonly (infer T)[] ? T : never, void>;
    }
  : unknown;

type Streaming<M, F> = (
  request: Ask<RequestOf<M>, Needs<F>>,
  options?: WatchOptions,
) => AsyncGenerator<ResponseOf<M>, void>;

type Method<M, F> = M extends { responseStream: true } ? Streaming<M, F> : Unary<M, F> & Listed<M, F>;

type Methods<D, F> = { readonly [K in keyof D]: Method<D[K], F[K & keyof F]> };

/** A service as an object: an rpc is a function, a list also has `each`, a stream is an async generator. */
export type ClientOf<C extends Contract> = Methods<C["definition"], C["facts"]>;

/** All of them, and the end of their connections. */
export type ClientsOf<S extends Readonly<Record<string, Contract>>> = {
  readonly [K in keyof S]: ClientOf<S[K]>;
} & {
  /** Ends every connection: calls under way fail as Cancelled or Unavailable. */
  close(): void;
};
