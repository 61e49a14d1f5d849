// Names of what comes with a call or an answer beside the message. The client package is built from this file too.

/** Carries google.rpc.Status where a call failed. */
export const detailsKey = "grpc-status-details-bin";

/** "true" with an answer that was given before, or it is not there. */
export const replayedKey = "backhaul-replayed";

/** When the caller sent it, in epoch milliseconds of its own clock. */
export const sentKey = "backhaul-sent-ms";

/** The business time of a service that calls, in epoch milliseconds; none where that is real time. */
export const businessTimeKey = "backhaul-business-ms";

/** gRPC's own: how long its client shall wait before it tries again; less than 0 is not at all. */
export const pushbackKey = "grpc-retry-pushback-ms";
