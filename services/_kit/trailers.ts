// Names of what comes with an answer beside the message. The client package is built from this file too.

/** Carries google.rpc.Status where a call failed. */
export const detailsKey = "grpc-status-details-bin";

/** "true" with an answer that was given before, or it is not there. */
export const replayedKey = "backhaul-replayed";
