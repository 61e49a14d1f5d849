// The rpcs of backhaul.resolution.v1.PrivacyService: check, one verb, reply.
import {
  type Erasure as ErasureMessage,
  ErasureState as ErasureStates,
  PrivacyServiceService as methods,
} from "#gen/backhaul/resolution/v1/privacy_service.js";
import { byRequest } from "#kit/aggregate.js";
import type { Clock } from "#kit/clock.js";
import { newId } from "#kit/ids.js";
import type { Handlers } from "#kit/server.js";
import { words } from "#kit/words.js";
import { ask, confirm, type Erasure } from "./core/erasure.js";
import type { ErasureStore, LegalHold } from "./erasureStore.js";

export const erasureStates = words(ErasureStates, "ERASURE_STATE_");

export function privacyRpc({ store, clock }: { store: ErasureStore; clock: Clock }): Handlers<typeof methods> {
  const answer = (erasure: Erasure) => ({ erasure: toMessage(erasure) });
  return {
    eraseCustomer: (request, call) =>
      store.create(byRequest(methods.eraseCustomer, request, call, answer), () =>
        ask(newId("ers"), request.customerId, call.caller.subject, clock.now()),
      ),
    confirmErasure: (request, call) =>
      store.change(request.erasureId, byRequest(methods.confirmErasure, request, call, answer), (erasure) =>
        confirm(erasure, call.caller.subject, clock.now()),
      ),
    async getErasure({ erasureId }) {
      return answer(await store.find(erasureId));
    },
    holdCustomerData: (request, call) => {
      const { customerId, caseNumber, endTime } = request;
      const placed: LegalHold = {
        legalHoldId: newId("lgh"),
        customerId,
        caseNumber,
        endTime: endTime ?? clock.now(),
        author: call.caller.subject,
      };
      return store.hold(
        byRequest(methods.holdCustomerData, request, call, (hold: LegalHold) => ({ hold })),
        placed,
      );
    },
  };
}

function toMessage({ state, obstacles, ...erasure }: Erasure): ErasureMessage {
  return {
    ...erasure,
    erasedBy: [...erasure.erasedBy],
    state: erasureStates.value(state),
    obstacles: obstacles.map(({ code, reference, until }) => ({ code, reference, untilTime: until })),
  };
}
