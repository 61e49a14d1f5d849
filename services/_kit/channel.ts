// How every channel of the mesh behaves, the services' and the gateway's: each replica in turn, and again where the
// contract allows a repetition, within a budget. Whoever passes on that somebody behind it is away says so by a pushback,
// so that one hop of a chain tries again, and not each.
import { heldAlive } from "#kit/keepalive.js";

/** Options of a channel on which these methods, by their paths, may be repeated. */
export function channelOptions(repeatable: readonly string[]): Record<string, string | number> {
  const name = repeatable.map((path) => ({ service: path.split("/")[1], method: path.split("/")[2] }));
  return {
    "grpc.service_config": JSON.stringify({
      loadBalancingConfig: [{ round_robin: {} }],
      methodConfig: name.length > 0 ? [{ name, retryPolicy }] : [],
      retryThrottling,
    }),
    ...heldAlive,
    "grpc.initial_reconnect_backoff_ms": 100,
    // A replica that came back is found before the next one goes.
    "grpc.max_reconnect_backoff_ms": 500,
  };
}

/** Over a second at most. */
const retryPolicy = {
  maxAttempts: 3,
  initialBackoff: "0.1s",
  maxBackoff: "0.5s",
  backoffMultiplier: 3,
  retryableStatusCodes: ["UNAVAILABLE"],
};

/** Of all channels of a process to one address: ten failures more than a tenth of the answers, and nothing is repeated. */
const retryThrottling = { maxTokens: 20, tokenRatio: 0.1 };
