// How both ends of a gRPC connection find out that nothing gets through any more although nobody has hung up: a firewall
// forgot it, a cable was pulled. Without, calls would run into their deadlines on it for a quarter of an hour.

/**
 * Spread into a client's or a server's options. A client asks only while it has calls to make; a server of another make
 * that finds it asks too often says so, and it asks less often.
 */
export const heldAlive = {
  "grpc.keepalive_time_ms": 10_000,
  "grpc.keepalive_timeout_ms": 10_000,
} as const;
