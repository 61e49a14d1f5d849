// The rpcs of backhaul.resolution.v1.SellerService. A seller sees their own lines of a request, and nothing of its customer.
import { ResolutionState } from "#gen/backhaul/resolution/v1/resolution.js";
import {
  type AnswerSellerCaseRequest,
  SellerServiceService as methods,
  SellerAnswer,
  type SellerCase as SellerCaseMessage,
  SellerCaseState,
  SellerPauseReason,
} from "#gen/backhaul/resolution/v1/seller_service.js";
import { type Caller, isInMarket } from "#kit/access.js";
import { byRequest, type UnaryMethod } from "#kit/aggregate.js";
import type { Call } from "#kit/call.js";
import type { Clock } from "#kit/clock.js";
import { InvalidRequest } from "#kit/errors.js";
import { fromProto, toProto } from "#kit/pure/money.js";
import type { Handlers } from "#kit/server.js";
import { words } from "#kit/words.js";
import type { Calendars } from "./calendars.js";
import type { SellerScene, SellerTerms } from "./core/sellerCase.js";
import { answer, pause, resume, type Said, type SellerCase, type SellerOutcome, settle } from "./core/sellerCase.js";
import { kinds, states as resolutionStates } from "./proto.js";
import { noCase, type SellerStore } from "./sellerStore.js";
import type { Store } from "./store.js";

export type SellerParts = {
  readonly sellers: SellerStore;
  readonly store: Store;
  readonly calendars: Calendars;
  readonly termsOf: (market: string) => SellerTerms;
  readonly clock: Clock;
};

const states = words(SellerCaseState, "SELLER_CASE_STATE_");
const answers = words(SellerAnswer, "SELLER_ANSWER_");
const pauseReasons = words(SellerPauseReason, "SELLER_PAUSE_REASON_");

type Answer = { sellerCase: SellerCaseMessage | undefined };

export function sellerRpc({ sellers, store, calendars, termsOf, clock }: SellerParts): Handlers<typeof methods> {
  /** @throws DomainError SELLER_CASE_NOT_FOUND, also for another seller's and another market's */
  async function reach(sellerCaseId: string, { caller }: Call): Promise<SellerCase> {
    const one = await sellers.find(sellerCaseId);
    if (!isTheirs(caller, one)) throw noCase(sellerCaseId);
    return one;
  }

  /** What the request says of a seller's lines. */
  async function asked({ resolutionId, sellerId }: Pick<SellerCase, "resolutionId" | "sellerId">) {
    const { kind, state, lines, terms } = await store.find(resolutionId);
    const own = new Set(terms.goods?.flatMap((goods) => (goods.sellerId === sellerId ? [goods.lineId] : [])));
    return {
      kind: kinds.value(kind),
      resolutionState: resolutionStates.value(state),
      lines: lines
        .filter(({ lineId }) => own.has(lineId))
        .map(({ lineId, sku, title, quantity, reason, accepted, rejected, missing }) => {
          return { lineId, sku, title, quantity, reason, accepted, rejected, missing };
        }),
    };
  }
  const shown = async (one: SellerCase) => ({ ...toSellerCase(one), ...(await asked(one)) });

  async function verb<Q extends { requestId: string; sellerCaseId: string }>(
    method: UnaryMethod<Q, Answer>,
    request: Q,
    call: Call,
    decide: (one: SellerCase, scene: SellerScene) => SellerOutcome,
  ): Promise<Answer> {
    const { sellerCaseId } = request;
    const { market } = await reach(sellerCaseId, call);
    const scene = { now: clock.now(), calendar: await calendars.load(market), terms: termsOf(market) };
    const spend = byRequest(method, request, call, (one: SellerCase): Answer => ({ sellerCase: toSellerCase(one) }));
    const { sellerCase } = await sellers.change(sellerCaseId, spend, (one) => decide(one, scene));
    // A repeated request is told of the case what it was told first, and of the request what it is now.
    return { sellerCase: sellerCase && { ...sellerCase, ...(await asked(sellerCase)) } };
  }

  return {
    async listSellerCases({ sellerId, state, resolutionId, ...page }, { caller }) {
      const filter = {
        sellerId: caller.role === "SELLER" ? caller.subject : sellerId,
        state: states.word(state) ?? "",
        resolutionId,
        market: caller.market ?? "",
      };
      const { rows, nextPageToken } = await sellers.list(filter, page);
      return { sellerCases: await Promise.all(rows.map(shown)), nextPageToken };
    },

    getSellerCase: async ({ sellerCaseId }, call) => ({ sellerCase: await shown(await reach(sellerCaseId, call)) }),

    answerSellerCase: (request, call) => {
      const said = readAnswer(request);
      return verb(methods.answerSellerCase, request, call, (one, { now }) => answer(one, said, now));
    },

    pauseSellerCase: (request, call) =>
      verb(methods.pauseSellerCase, request, call, (one, scene) =>
        pause(one, pauseReasons.word(request.reason) ?? "SYSTEM_OUTAGE", scene),
      ),
    resumeSellerCase: (request, call) => verb(methods.resumeSellerCase, request, call, resume),
    settleSellerCase: (request, call) =>
      verb(methods.settleSellerCase, request, call, (one, { now }) => settle(one, request.note, now)),
  };
}

function isTheirs(caller: Caller, { sellerId, market }: SellerCase): boolean {
  return isInMarket(caller, market) && (caller.role !== "SELLER" || caller.subject === sellerId);
}

/** @throws InvalidRequest for a dispute without words, or an offer where there is none to make */
function readAnswer({ answer: given, statement, evidence, offer }: AnswerSellerCaseRequest): Said {
  const said = answers.word(given) ?? "ACCEPT";
  const violations = [
    ...(said === "DISPUTE" && statement === "" ? [{ field: "statement", description: "must say why" }] : []),
    ...((said === "PROPOSE_PARTIAL") !== (offer !== undefined)
      ? [{ field: "offer", description: "goes with a part of the money, and with nothing else" }]
      : []),
  ];
  if (violations.length > 0) throw new InvalidRequest(violations);
  return { answer: said, statement, evidence, offer: offer && fromProto(offer) };
}

function toSellerCase(one: SellerCase): SellerCaseMessage {
  const {
    version: _version,
    customerId: _customerId,
    state,
    pauseReason,
    answer: said,
    evidence,
    offer,
    ...rest
  } = one;
  return {
    ...rest,
    state: states.value(state),
    pauseReason: pauseReason ? pauseReasons.value(pauseReason) : SellerPauseReason.SELLER_PAUSE_REASON_UNSPECIFIED,
    answer: said ? answers.value(said) : SellerAnswer.SELLER_ANSWER_UNSPECIFIED,
    evidence: [...evidence],
    offer: offer && toProto(offer),
    kind: 0,
    resolutionState: ResolutionState.RESOLUTION_STATE_UNSPECIFIED,
    lines: [],
  };
}
