// What breaks 1, 5, 6, 8, 10, 11 and 15.
import type { Schemas } from "../invariant.js";
import { again, drop, type Plant } from "./plant.js";

export function paymentsPlants(of: Schemas): Plant[] {
  const [refund, partners, reconciler] = [of("refund"), of("partners"), of("reconciler")];
  const share = (key: string, change: string) => `UPDATE ${refund}.tender SET ${change} WHERE provider_key = '${key}'`;
  const asked = (id: string, path: string, value: string) =>
    `UPDATE ${refund}.refund SET tenders = jsonb_set(tenders, '${path}', '${value}') WHERE refund_id = 'rfd_${id}'`;

  return [
    {
      number: 1,
      what: "paid and promised",
      also: [4],
      sql: `${drop(`${refund}.payment`, "payment_cap_check")}; UPDATE ${refund}.payment SET captured_minor = 2799
        WHERE payment_id = 'pay_a'`,
    },
    {
      number: 1,
      what: "the counter forgets tenders",
      sql: `UPDATE ${refund}.payment SET refunded_minor = refunded_minor - 1 WHERE payment_id = 'pay_b'`,
    },
    {
      number: 1,
      what: "in the provider's book",
      sql: `${drop(`${partners}.payment`, "payment_cap_check")}; UPDATE ${partners}.payment SET charged_back_minor = 1
        WHERE payment_id = 'pay_a'`,
    },
    {
      number: 5,
      what: "by the provider",
      also: [1, 8],
      sql: again(`${partners}.provider_refund`, "key = 'key_a1'", { provider_refund_id: "prf_again", use_number: 2 }),
    },
    {
      number: 5,
      what: "by the provider and by hand",
      also: [8, 10],
      sql: share("key_h", "route = 'MANUAL'").concat(
        `; UPDATE ${refund}.ledger_entry SET account = 'manual:pay_h' WHERE account = 'psp:pay_h'`,
      ),
    },
    {
      number: 6,
      what: "the refund and its row differ",
      sql: asked("b", "{0,amount,minor}", '"33334"'),
    },
    {
      number: 6,
      what: "two refunds use it",
      sql: `UPDATE ${refund}.refund SET tenders = tenders || jsonb_build_array((SELECT tenders->0 FROM ${refund}.refund
        WHERE refund_id = 'rfd_a')) WHERE refund_id = 'rfd_b'`,
    },
    {
      number: 6,
      what: "two keys for one share",
      also: [1, 4],
      sql: `${again(`${refund}.tender`, "provider_key = 'key_b'", { provider_key: "key_b2", state: "GRANTED" })};
        UPDATE ${refund}.refund SET tenders = tenders || jsonb_build_array(jsonb_set(tenders->0, '{providerKey}', '"key_b2"'))
        WHERE refund_id = 'rfd_b'`,
    },
    {
      number: 6,
      what: "the provider knows it for something else",
      sql: `UPDATE ${partners}.provider_refund SET amount_minor = amount_minor - 1 WHERE key = 'key_b'`,
    },
    {
      number: 8,
      what: "payments or reversals differ",
      sql: `UPDATE ${partners}.provider_refund SET state = 'REVERSED' WHERE key = 'key_a1'`,
    },
    {
      number: 8,
      what: "payments or reversals differ",
      sql: `DELETE FROM ${partners}.provider_refund WHERE key = 'key_b'`,
    },
    {
      number: 8,
      what: "payments or reversals differ",
      sql: again(`${partners}.provider_refund`, "key = 'key_b'", {
        provider_refund_id: "prf_x",
        key: "key_x",
        payment_id: "",
      }),
    },
    {
      number: 8,
      what: "booked on another payment",
      sql: `UPDATE ${refund}.ledger_entry SET account = 'psp:pay_b' WHERE account = 'psp:pay_a'`,
    },
    {
      number: 10,
      what: "no refund explains it, and no break",
      sql: again(`${partners}.statement_line`, "key = 'key_a1'", { line_id: "sln_x", key: "key_x" }),
    },
    {
      number: 10,
      what: "no refund explains it, and no break",
      sql: `UPDATE ${partners}.statement_line SET amount_minor = amount_minor + 1 WHERE key = 'key_b'`,
    },
    {
      number: 10,
      what: "no refund explains it, and no break",
      sql: again(`${partners}.statement_line`, "key = 'key_b'", { line_id: "sln_x", kind: "REVERSAL" }),
    },
    {
      number: 10,
      what: "a break is open for more than a day",
      sql: `UPDATE ${reconciler}.break SET find_time = now() - interval '25 hours' WHERE reference = 'key_young'`,
    },
    {
      number: 11,
      what: "asked for in a dispute",
      sql: `UPDATE ${refund}.refund SET issued_by = 'alice' WHERE refund_id = 'rfd_c'`,
    },
    {
      number: 11,
      what: "asked for in a dispute",
      also: [1],
      sql: `UPDATE ${refund}.payment SET charged_back_minor = 1 WHERE payment_id = 'pay_f'`,
    },
    {
      number: 15,
      what: "more than was used",
      sql: again(`${partners}.movement`, "key = 'key_a2'", { movement_id: "mov_x", key: "key_x" }),
    },
    {
      number: 15,
      what: "a paid share is not one movement of its amount",
      sql: `UPDATE ${partners}.movement SET amount_minor = 499 WHERE key = 'key_a2'`,
    },
    {
      number: 15,
      what: "a movement that no refund asked for",
      sql: again(`${partners}.movement`, "key = 'key_e_interest'", { movement_id: "mov_x", key: "key_x" }),
    },
    {
      number: 15,
      what: "booked more than once, or not",
      sql: `${again(`${refund}.ledger_journal`, "journal_id = 'jnl_a_PAY_key_a2'", { journal_id: "jnl_x", source: "key_a2#2" })};
        ${again(`${refund}.ledger_entry`, "entry_id = 'jnl_a_PAY_key_a2_debit'", { entry_id: "led_x", journal_id: "jnl_x" })};
        ${again(`${refund}.ledger_entry`, "entry_id = 'jnl_a_PAY_key_a2_credit'", { entry_id: "led_y", journal_id: "jnl_x" })}`,
    },
    {
      number: 15,
      what: "a coupon comes back twice",
      sql: `UPDATE ${refund}.refund SET order_id = 'o_a', sequence = 2, twins = '[{"kind": "COUPON", "reference": "cpn_a"}]'
        WHERE refund_id = 'rfd_c'`,
    },
    {
      number: 15,
      what: "a coupon came back twice",
      sql: again(`${partners}.coupon_return`, "coupon_id = 'cpn_a'", { key: "key_x" }),
    },
    {
      number: 15,
      what: "more earned points are taken than were asked for",
      sql: again(`${partners}.movement`, "key = 'key_a2'", {
        movement_id: "mov_x",
        key: "key_x",
        kind: "REVOKE",
        asked_points: 5,
        points: 6,
      }),
    },
  ];
}
