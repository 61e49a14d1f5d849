// The rpcs of backhaul.eligibility.v1.PolicyService about the life of a policy: check, one verb, reply. What is decided
// about a document holds only while the version has it, so every change says which document it has read.
import { PolicyServiceService } from "#gen/backhaul/eligibility/v1/policy_service.js";
import { byRequest, type Spend } from "#kit/aggregate.js";
import type { Call } from "#kit/call.js";
import type { Clock } from "#kit/clock.js";
import { newId } from "#kit/ids.js";
import { check } from "#kit/pure/check.js";
import type { Handlers } from "#kit/server.js";
import { approve, type Book, type BookChange, draft, entryOf, inForce, revise, validated } from "../core/book.js";
import { diff } from "../core/diff.js";
import { parseDocument } from "../core/document.js";
import { activate, rollback } from "../core/force.js";
import { parseStored } from "../core/former.js";
import { assertSound, type Finding, findingsOfText } from "../core/lint.js";
import { policySchema } from "../core/schema.js";
import { broken } from "../core/shape.js";
import { toAct, toFinding, toPolicy } from "../policyProto.js";
import { hashOf, type StoredPolicy } from "../store/books.js";
import type { Store } from "../store.js";

type Rpcs =
  | "createPolicy"
  | "revisePolicy"
  | "lintPolicy"
  | "validatePolicy"
  | "approvePolicy"
  | "activatePolicy"
  | "rollbackPolicy"
  | "getPolicy"
  | "listPolicies"
  | "listPolicyActs"
  | "diffPolicies"
  | "getPolicySchema";

export function policyRpc({
  store,
  clock,
}: {
  readonly store: Store;
  readonly clock: Clock;
}): Pick<Handlers<typeof PolicyServiceService>, Rpcs> {
  const who = ({ caller }: Call) => ({ subject: caller.subject, now: clock.now() });

  /** The answer of every change: the version as it stands, with its document. */
  const showing =
    (market: string, policyId: string, document: string) =>
    (book: Book): { policy: ReturnType<typeof toPolicy> } => ({
      policy: toPolicy(market, entryOf(book, policyId), document),
    });

  /** Changes a version that still has the document that was read. @throws DomainError CONTENTION if it has another */
  function change<R>(
    { market, entry }: StoredPolicy,
    spend: Spend<Book, R>,
    decide: (book: Book) => BookChange,
    json?: string,
  ): Promise<R> {
    const { policyId, documentHash } = entry;
    const decideAsRead = (book: Book) => {
      const same = entryOf(book, policyId).documentHash === documentHash;
      check(same, "CONTENTION", `${policyId} was revised meanwhile; read it and try again`);
      return decide(book);
    };
    return store.change(market, spend, decideAsRead, json);
  }

  /**
   * As change, but first its document is held against the law as it is now.
   * @throws DomainError POLICY_BROKEN, POLICY_BELOW_FLOOR
   */
  async function changeIfSound<R>(
    read: StoredPolicy,
    spend: Spend<Book, R>,
    decide: (book: Book) => BookChange,
    json?: string,
  ): Promise<R> {
    const before = await store.recallChange(spend);
    if (before) return before;
    assertSound(parseDocument(read.document));
    return change(read, spend, decide, json);
  }

  /** @throws DomainError POLICY_NOT_FOUND for a version of another market, too; NO_POLICY if none is named nor in force */
  async function baseOf(market: string, policyId: string): Promise<StoredPolicy> {
    if (policyId === "") {
      const book = (await store.book(market)) as Book; // there is one, for it holds the newer version
      return store.policy(inForce(book, clock.now()).policyId);
    }
    const base = await store.policy(policyId);
    check(base.market === market, "POLICY_NOT_FOUND", `${policyId} is no policy of ${market}`, { policy_id: policyId });
    return base;
  }

  return {
    async createPolicy(request, call) {
      const { market } = parseDocument(request.document);
      const { subject: author, now: createTime } = who(call);
      const policyId = newId("pol");
      const documentHash = hashOf(request.document);
      const effectiveTime = request.effectiveTime ?? createTime;
      const answer = showing(market, policyId, request.document);
      const spend = byRequest(PolicyServiceService.createPolicy, request, call, answer);
      await store.openBook(market);
      const entry = { policyId, effectiveTime, author, createTime, documentHash };
      return store.change(market, spend, (book) => draft(book, entry), request.document);
    },

    async revisePolicy(request, call) {
      const { policyId } = request;
      const read = await store.policy(policyId);
      const document = request.document || read.document;
      const { market } = parseDocument(document);
      if (market !== read.market) throw broken("market", `is ${market}; a version stays one of ${read.market}`);
      const effectiveTime = request.effectiveTime ?? read.entry.effectiveTime;
      const answer = showing(market, policyId, document);
      const spend = byRequest(PolicyServiceService.revisePolicy, request, call, answer);
      const revision = { documentHash: hashOf(document), effectiveTime };
      return change(read, spend, (book) => revise(book, policyId, revision, who(call)), document);
    },

    async lintPolicy({ document }) {
      return { findings: findingsOfText(document).map(toFinding) };
    },

    async validatePolicy(request, call) {
      const { policyId } = request;
      const read = await store.policy(policyId);
      let found: readonly Finding[] = [];
      const show = showing(read.market, policyId, read.document);
      const answer = (book: Book) => ({ ...show(book), findings: found.map(toFinding) });
      const spend = byRequest(PolicyServiceService.validatePolicy, request, call, answer);
      const before = await store.recallChange(spend);
      if (before) return before;
      found = findingsOfText(read.document);
      const errors = found.filter(({ severity }) => severity === "ERROR").length;
      const counted = { errors, warnings: found.length - errors };
      return change(read, spend, (book) => validated(book, policyId, who(call), counted));
    },

    async approvePolicy(request, call) {
      const { policyId, note } = request;
      const read = await store.policy(policyId);
      const answer = showing(read.market, policyId, read.document);
      const spend = byRequest(PolicyServiceService.approvePolicy, request, call, answer);
      return changeIfSound(read, spend, (book) => {
        const { subject: approver, now } = who(call);
        return approve(book, policyId, { approver, now, note });
      });
    },

    async activatePolicy(request, call) {
      const { policyId } = request;
      const read = await store.policy(policyId);
      const answer = showing(read.market, policyId, read.document);
      const spend = byRequest(PolicyServiceService.activatePolicy, request, call, answer);
      return changeIfSound(read, spend, (book) => activate(book, policyId, who(call)));
    },

    async rollbackPolicy(request, call) {
      const { policyId, reason } = request;
      const read = await store.policy(policyId);
      const newPolicyId = newId("pol");
      const answer = showing(read.market, newPolicyId, read.document);
      const spend = byRequest(PolicyServiceService.rollbackPolicy, request, call, answer);
      const decide = (book: Book) => {
        const { subject: approver, now } = who(call);
        return rollback(book, policyId, { newPolicyId, approver, now, reason });
      };
      return changeIfSound(read, spend, decide, read.document);
    },

    async getPolicy({ policyId }) {
      const { market, entry, document } = await store.policy(policyId);
      return { policy: toPolicy(market, entry, document) };
    },

    async listPolicies({ market, ...page }) {
      const { rows, nextPageToken } = await store.listPolicies(market, page);
      return { policies: rows.map(({ market, entry }) => toPolicy(market, entry)), nextPageToken };
    },

    async listPolicyActs({ policyId }) {
      await store.policy(policyId);
      return { acts: (await store.acts(policyId)).map(toAct) };
    },

    async diffPolicies({ policyId, basePolicyId }) {
      const newer = await store.policy(policyId);
      const older = await baseOf(newer.market, basePolicyId);
      const changes = diff(parseStored(older.document), parseStored(newer.document));
      return { changes, basePolicyId: older.entry.policyId };
    },

    async getPolicySchema() {
      return { schema: JSON.stringify(policySchema()) };
    },
  };
}
