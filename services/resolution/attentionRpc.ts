// The rpcs of backhaul.resolution.v1.DeskAttentionService: what is stuck, why, and what to do about it.
import {
  Diagnosis as DiagnosisMessage,
  Dwell as DwellMessage,
  DeskAttentionServiceService as methods,
} from "#gen/backhaul/resolution/v1/desk_attention_service.js";
import { byRequest } from "#kit/aggregate.js";
import type { Clock } from "#kit/clock.js";
import type { Handlers } from "#kit/server.js";
import type { Attention } from "./attentionStore.js";
import type { Cases } from "./caseStore.js";
import { type Dwell, diagnose } from "./core/diagnosis.js";
import { toDeskCase } from "./deskProto.js";
import type { Store } from "./store.js";

export type AttentionParts = {
  readonly store: Store;
  readonly cases: Cases;
  readonly attention: Attention;
  readonly clock: Clock;
};

export function attentionRpc({ store, cases, attention, clock }: AttentionParts): Handlers<typeof methods> {
  const answer = (dwell: Dwell): { dwell: DwellMessage | undefined } => ({ dwell: { ...dwell } });
  return {
    async listAttention({ market, ...page }) {
      const { rows, nextPageToken } = await attention.list(market, page, clock.now());
      return { cases: rows.map(toDeskCase), nextPageToken };
    },

    async diagnoseCase({ resolutionId }) {
      const [resolution, one, awaited, dwells] = await Promise.all([
        store.find(resolutionId),
        cases.find(resolutionId),
        attention.awaited(resolutionId),
        attention.dwells(),
      ]);
      const { stillSince, limit, ...found } = diagnose(resolution, one, awaited, dwells);
      return {
        diagnosis: DiagnosisMessage.fromPartial({
          case: toDeskCase(one),
          waitsFor: [...found.waitsFor],
          stillSince,
          limitTime: limit,
          tried: [...found.tried],
          awaited: found.awaited.map(({ step, due, tries }) => ({ step, dueTime: due, tries })),
          advice: [...found.advice],
        }),
      };
    },

    putDwell: (request, call) => {
      const { market, state, hours } = request.dwell ?? DwellMessage.fromPartial({});
      return attention.put(byRequest(methods.putDwell, request, call, answer), { market, state, hours });
    },

    async listDwells() {
      return { dwells: await attention.dwells() };
    },
  };
}
