// How often each POST may take effect when the same request comes under eight keys: eight people who want the same, or one
// whose app makes a new key for every tap. Once where there is one thing to do; as often as there are units, money or
// places; eight times where each is a thing of its own.

/** What eight of the same request come to, under eight keys. */
export type Rule = {
  /** Entries that they leave in the audit trail; from and to where it hangs on who comes when. */
  readonly happens: number | readonly [least: number, most: number];
  /** How many of them are answered; as many as happen, if not said. */
  readonly answered?: number;
  /** How many rows there are more of what it makes; as many as happen, if not said. */
  readonly rows?: number;
  /** Why the others are refused. */
  readonly refused?: readonly string[];
};

const each: Rule = { happens: 8 };
const upTo = (happens: number, ...refused: string[]): Rule => ({ happens, refused });
const once = (...refused: string[]): Rule => upTo(1, ...refused);

export const rules: Readonly<Record<string, Rule>> = {
  // To where it stands already is a move all the same. Of who moves it at once with others, the last ones are told so.
  "POST /v1/collections/{collection_id}:reschedule": { happens: [1, 8], refused: ["CONTENTION"] },
  "POST /v1/collections/{collection_id}:split": once("PARCELS_SPLIT_BEFORE"),
  "POST /v1/collections/{collection_id}:setDoorMemo": each,
  "POST /v1/collections/{collection_id}:enterWaybill": each,
  // The last one holds.
  "POST /v1/collections/{collection_id}:renewHandOverCode": each,
  "POST /v1/parcels/{carrier}/{tracking_number}:confirmHandOver": each,

  "POST /v1/desk/cases/{resolution_id}:assign": each,
  "POST /v1/desk/cases/{resolution_id}:unassign": each,
  "POST /v1/desk/cases/{resolution_id}:handOver": once("ASSIGNED_TO_OTHER"),
  "POST /v1/desk/cases/{resolution_id}/notes": each,
  "POST /v1/desk/notes/{note_id}:revise": once("NOTE_CHANGED"),
  "POST /v1/desk/queues": once("QUEUE_CHANGED"),
  // There is one case in it.
  "POST /v1/desk/queues/{queue_id}:takeNext": once("QUEUE_EMPTY"),
  "POST /v1/desk/cases/{resolution_id}/tickets": each,
  "POST /v1/desk/dwells": each,
  "POST /v1/desk/bulks": each,
  "POST /v1/desk/exports": once("EXPORT_CHANGED"),
  "POST /v1/desk/cases/{resolution_id}:hold": each,
  "POST /v1/desk/cases/{resolution_id}:release": once("RESOLUTION_STATE"),
  "POST /v1/desk/cases/{resolution_id}:takeUp": once("RESOLUTION_STATE"),
  // Three days more, each time.
  "POST /v1/desk/cases/{resolution_id}:extendDeadline": each,
  "POST /v1/desk/cases/{resolution_id}:convert": once("RESOLUTION_STATE"),
  // From the second on they are as many as they were.
  "POST /v1/desk/cases/{resolution_id}:changeUnits": each,
  "POST /v1/desk/cases/{resolution_id}:retryStep": once("STEP_NOT_STUCK"),
  "POST /v1/desk/cases/{resolution_id}:skipStep": once("STEP_NOT_STUCK"),
  "POST /v1/desk/cases/{resolution_id}:clearAttention": once("ATTENTION_STAYS"),

  "POST /v1/policies": each,
  "POST /v1/policies/{policy_id}:revise": each,
  "POST /v1/policies/{policy_id}:validate": once("POLICY_STATE"),
  // Again once it is through, not while it runs.
  "POST /v1/policies/{policy_id}:simulate": { happens: [1, 8], refused: ["POLICY_STATE"] },
  "POST /v1/policies/{policy_id}:approve": once("POLICY_STATE"),
  "POST /v1/policies/{policy_id}:activate": once("POLICY_STATE"),
  "POST /v1/policies/{policy_id}:shadow": once("POLICY_STATE"),
  "POST /v1/policies/{policy_id}:unshadow": once("POLICY_STATE"),
  // Each is a version of its own, with the same document.
  "POST /v1/policies/{policy_id}:rollback": each,
  "POST /v1/decisions/{decision_id}:override": once("DECISION_OVERRIDDEN"),
  "POST /v1/listEntries": each,
  "POST /v1/listEntries/{list_entry_id}:end": once("LIST_ENTRY_STATE"),

  // One parcel, however often its label is read.
  "POST /v1/dock/parcels:scan": once("PARCEL_ALREADY_SCANNED"),
  "POST /v1/inspections/{inspection_id}/evidence": each,
  "POST /v1/inspections/{inspection_id}:receive": once("INSPECTION_STATE"),
  "POST /v1/inspections/{inspection_id}:complete": once("INSPECTION_DONE"),
  // So many opinions of a unit are enough.
  "POST /v1/inspections/{inspection_id}:record": upTo(5, "SECOND_INSPECTOR"),
  "POST /v1/inspections/{inspection_id}:dispute": once("DISPUTE_STATE"),
  "POST /v1/inspections/{inspection_id}:decideDispute": once("DISPUTE_STATE"),
  "POST /v1/quarantine/{quarantine_id}:assign": once("QUARANTINE_STATE"),
  "POST /v1/quarantine/{quarantine_id}:dispose": once("QUARANTINE_STATE"),

  "POST /v1/notice-templates": each,
  // As many as WEBHOOK_SUBSCRIPTIONS_MAX.
  "POST /v1/webhook-subscriptions": upTo(3, "WEBHOOK_SUBSCRIPTIONS_TOO_MANY"),
  "POST /v1/webhook-subscriptions/{subscription_id}:update": each,
  "POST /v1/webhook-subscriptions/{subscription_id}:delete": once("WEBHOOK_SUBSCRIPTION_NOT_FOUND"),
  "POST /v1/webhook-subscriptions/{subscription_id}:rotateSecret": each,
  "POST /v1/webhook-subscriptions/{subscription_id}:ping": each,
  "POST /v1/webhook-subscriptions/{subscription_id}/deliveries/{delivery_id}:replay": once("WEBHOOK_STATE"),
  "POST /v1/webhook-subscriptions/{subscription_id}/deliveries/{delivery_id}:discard": once("WEBHOOK_STATE"),
  "POST /v1/webhook-subscriptions/{subscription_id}:replay": each,

  "POST /v1/erasures": once("ERASURE_STATE"),
  "POST /v1/erasures/{erasure_id}:confirm": once("ERASURE_STATE"),
  // One hold of the case, whose end is set anew.
  "POST /v1/legalHolds": { happens: 8, rows: 1 },
  // The last one holds; five an hour.
  "POST /v1/guests:requestCode": { ...upTo(5, "GUEST_CODE_LIMITED"), rows: 1 },
  // A code opens once; wrong tries are on record.
  "POST /v1/guests:exchangeCode": { happens: 8, answered: 1, rows: 1, refused: ["GUEST_CODE_WRONG"] },

  // £20 each, of £50 that were paid.
  "POST /v1/refunds:grantGoodwill": upTo(2, "REFUND_EXCEEDS_CAPTURED"),
  "POST /v1/refunds/{refund_id}:approve": once("REFUND_STATE"),
  "POST /v1/refunds/{refund_id}:decline": once("REFUND_STATE"),
  "POST /v1/refunds/{refund_id}:setAccount": once("REFUND_STATE"),
  "POST /v1/refunds/{refund_id}:retry": once("REFUND_STATE"),
  "POST /v1/refunds/{refund_id}:settleManually": once("REFUND_STATE"),
  "POST /v1/refunds/{refund_id}:settleRecovery": once("REFUND_STATE"),
  "POST /v1/reconciliation/breaks/{break_id}:explain": once("BREAK_STATE"),
  "POST /v1/reconciliation:run": each,

  // One of two units each.
  "POST /v1/resolutions": upTo(2, "UNITS_UNAVAILABLE"),
  "POST /v1/resolutions/{resolution_id}:withdraw": once("RESOLUTION_STATE"),
  "POST /v1/resolutions/{resolution_id}:confirmHandOver": once("RESOLUTION_STATE"),
  "POST /v1/resolutions/{resolution_id}:reopen": once("RESOLUTION_STATE"),
  "POST /v1/resolutions/{resolution_id}:settleGiftRefund": once("RESOLUTION_STATE"),
  "POST /v1/resolutions/{resolution_id}:settleRecovery": once("RESOLUTION_STATE"),
  "POST /v1/resolutions/{resolution_id}:approve": once("RESOLUTION_STATE"),
  "POST /v1/resolutions/{resolution_id}:decline": once("RESOLUTION_STATE"),
  "POST /v1/resolutions/{resolution_id}:cancel": once("RESOLUTION_STATE"),
  "POST /v1/resolutions/{resolution_id}:resume": once("RESOLUTION_STATE"),
  "POST /v1/orders/{order_id}:cancelLines": upTo(2, "UNITS_UNAVAILABLE"),
  // Whoever comes later is told of the request that there is.
  "POST /v1/orders/{order_id}:reportUnaskedReturn": { happens: 1, answered: 8 },

  "POST /v1/api-keys": each,
  "POST /v1/api-keys/{api_key_id}:revoke": once("API_KEY_STATE"),
  "POST /v1/api-keys/{api_key_id}:rotate": once("API_KEY_STATE"),
  "POST /v1/seller-cases/{seller_case_id}:answer": once("SELLER_CASE_STATE"),
  "POST /v1/seller-cases/{seller_case_id}:pause": once("SELLER_CASE_STATE"),
  "POST /v1/seller-cases/{seller_case_id}:resume": once("SELLER_CASE_STATE"),
  "POST /v1/seller-cases/{seller_case_id}:settle": once("SELLER_CASE_STATE"),
};
