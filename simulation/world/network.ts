// Calls between processes, and to partners: as bytes, checked by the contracts' own rules on arrival. A request or its
// answer may get lost, come twice, or come when nobody waits for it any more.
import { type Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { type Caller, principal } from "#kit/access.js";
import { type Call, ownCall } from "#kit/call.js";
import type { ClientOf, Connect, ServiceContract } from "#kit/client.js";
import { methodOf } from "#kit/contracts.js";
import { fromServiceError, RpcError, toStatus } from "#kit/errors.js";
import type { AnyMethod } from "#kit/methods.js";
import { receiver } from "#kit/validate.js";
import { handlerOf } from "./host.js";
import type { Host, Network, World } from "./types.js";

const deadlineMs = 5_000;

/** Made once for all stories: rules are compiled by their first use. */
const receivers = new Map<string, ReturnType<typeof receiver>>();

type Answer = { readonly bytes: Buffer } | { readonly error: RpcError };

type Partner = { readonly name: string; readonly handler: (...of: unknown[]) => Promise<unknown> };

export function openNetwork(world: World): Network {
  const { schedule, weather } = world;
  const chance = schedule.chance("network");
  const outside = new Map<string, Partner>();
  /** What each request was answered. */
  const answers = new Map<string, Buffer>();
  /** Until when a partner is away. */
  const away = new Map<string, number>();

  function call(from: string, host: Host | undefined, method: AnyMethod, request: unknown, by: Caller) {
    const bytes = method.requestSerialize(request);
    const caller = { ...by, via: from };
    return new Promise<unknown>((resolve, reject) => {
      let over = false;
      const settle = (answer: Answer) => {
        if (over || (host && !host.alive)) return;
        over = true;
        // It was done, and whoever asked dies before it is written down.
        if (host && weather.strikes("crash")) return world.crash(host);
        if ("error" in answer) reject(answer.error);
        else resolve(method.responseDeserialize(answer.bytes));
      };
      const unheard = () => schedule.after(deadlineMs, () => settle({ error: tooLate(method.path) }));
      const send = (ms: number, heard: (answer: Answer) => void) =>
        schedule.after(ms, () => arrive(method, bytes, caller, heard));
      if (weather.strikes("request lost")) return unheard();
      if (weather.strikes("request twice")) send(chance.between(1, 3_000), () => {});
      if (weather.strikes("request late")) send(chance.between(10_000, 600_000), () => {});
      send(chance.between(1, 25), (answer) => {
        if (weather.strikes("answer lost")) unheard();
        else schedule.after(chance.between(1, 25), () => settle(answer));
      });
    });
  }

  function arrive(method: AnyMethod, bytes: Buffer, caller: Caller, heard: (answer: Answer) => void): unknown {
    const { path } = method;
    const done = (line: string, answer: Answer) => {
      schedule.tell(`${caller.via} > ${path.slice(1)} ${line}`);
      heard(answer);
    };
    const refuse = (error: unknown) => {
      const refusal = fromServiceError(statusOf(error), path);
      done(refusal.reason || status[refusal.code] || "error", { error: refusal });
    };
    const partner = outside.get(path);
    if (partner && isAway(partner.name)) return refuse(new RpcError(status.UNAVAILABLE, "", "away", {}, path));
    const host = partner ? undefined : world.liveHost(serviceOf(path));
    if (!partner && !host) return refuse(new RpcError(status.UNAVAILABLE, "", "nobody is up", {}, path));
    const handler = partner ? partner.handler : handlerOf(host?.parts?.rpc ?? [], path);
    const received = receiverOf(method)(bytes);
    if ("error" in received) return refuse(received.error);
    const died = () => refuse(new RpcError(status.UNAVAILABLE, "", "the process died", {}, path));
    host?.underWay.add(died);
    const over = () => host?.underWay.delete(died) ?? true;
    const answering = async () => handler(received.request, { caller, recalled: () => {} });
    answering().then(
      (response) => {
        if (!over()) return;
        const answer = method.responseSerialize(response);
        if (host) sameAgain(path, caller, received.request, answer);
        done(`ok ${answer.length}`, { bytes: answer });
      },
      (error) => {
        if (!over()) return;
        world.heardOf(path, error);
        refuse(error);
      },
    );
  }

  /** Whoever repeats a request gets the first answer, to the byte. What hints at something may be counted anew. */
  function sameAgain(path: string, caller: Caller, request: unknown, answer: Buffer): void {
    const { requestId = "" } = request as { requestId?: string };
    if (requestId === "" || path.endsWith("/NoteProviderNews")) return;
    const key = `${principal(caller)} ${requestId} ${path}`;
    const first = answers.get(key);
    if (first && !first.equals(answer)) world.broken(`${key} was answered otherwise the second time`);
    answers.set(key, answer);
  }

  function isAway(partner: string): boolean {
    if ((away.get(partner) ?? 0) > schedule.now()) return true;
    if (!weather.strikes("partner away")) return false;
    away.set(partner, schedule.now() + chance.pick([60_000, 600_000, 3_600_000, 43_200_000]));
    return true;
  }

  const clients = (from: string, host: Host | undefined, by: (of: Call | undefined) => Caller): Connect =>
    (<S extends ServiceContract>(contract: S) =>
      Object.fromEntries(
        Object.entries(contract).map(([name, method]) => [
          name,
          (request: unknown, of?: Call) => call(from, host, method, request, by(of)),
        ]),
      ) as ClientOf<S>) as Connect;

  return {
    answer: (name, { contract, handlers }) => {
      for (const [method, { path }] of Object.entries(contract)) {
        // biome-ignore lint/suspicious/noExplicitAny: any handler of any contract
        outside.set(path, { name, handler: (handlers as any)[method] });
      }
    },
    connect: (host) => clients(host.name, host, (of = ownCall(host.service)) => of.caller),
    as: (caller) => clients(`${caller.role}:${caller.subject}`, undefined, () => caller),
  };
}

function receiverOf(method: AnyMethod) {
  const known = receivers.get(method.path) ?? receiver(methodOf(method.path), method.requestDeserialize);
  receivers.set(method.path, known);
  return known;
}

/** "/backhaul.refund.v1.RefundService/IssueRefund" is refund's. */
function serviceOf(path: string): string {
  return path.split(".")[1] ?? "";
}

function tooLate(path: string): RpcError {
  return new RpcError(status.DEADLINE_EXCEEDED, "", "nobody answered in time", {}, path);
}

/** An error as it travels. What gRPC itself says has no details. */
function statusOf(error: unknown): ServiceError {
  const bare = error instanceof RpcError && error.reason === "" && error.message !== "";
  if (bare && error.method !== "") return { code: error.code, details: error.message, metadata: none } as ServiceError;
  return toStatus(error, "") as ServiceError;
}

const none = { get: () => [] } as unknown as Metadata;
