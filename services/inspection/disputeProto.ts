// Disputes between the contract's messages and the core's words.
import * as messages from "#gen/backhaul/inspection/v1/inspection.js";
import type { DecideDisputeRequest, OpenDisputeRequest } from "#gen/backhaul/inspection/v1/inspection_service.js";
import { words } from "#kit/words.js";
import type { Claim, Ruling } from "./core/disputes.js";
import type { Dispute, DisputeOutcome, DisputeParty, Finding } from "./core/types.js";

const parties = words(messages.DisputeParty, "DISPUTE_PARTY_");
const outcomes = words(messages.DisputeOutcome, "DISPUTE_OUTCOME_");

export function readClaim(request: OpenDisputeRequest, disputeId: string): Claim {
  const { lineId, unitNumber, statement } = request;
  const evidence = request.evidence.map(({ mediaId, sha256 }) => ({ mediaId, sha256 }));
  // The contract's rules let no other value in.
  const party = parties.word(request.party) as DisputeParty;
  return { disputeId, party, lineId, unitNumber, statement, evidence };
}

export function readRuling({ disputeId, outcome, note }: DecideDisputeRequest, corrected?: Finding): Ruling {
  return { disputeId, outcome: outcomes.word(outcome) as DisputeOutcome, note, corrected };
}

/** `told` says how much of a finding the reader is told. */
export function toDispute(dispute: Dispute, told: (finding: Finding) => messages.Finding): messages.Dispute {
  const { party, outcome, evidence, corrected, waiting: _, ...rest } = dispute;
  return messages.Dispute.fromPartial({
    ...rest,
    party: parties.value(party),
    ...(outcome && { outcome: outcomes.value(outcome) }),
    evidence: evidence.map((photo) => ({ ...photo })),
    corrected: corrected && told(corrected),
  });
}
