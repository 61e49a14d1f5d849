// What breaks 2, 3, 4, 7, 9 and 14.
import type { Schemas } from "../invariant.js";
import { again, drop, type Plant } from "./plant.js";

export function amountsPlants(of: Schemas): Plant[] {
  const [refund, partners, inspection, resolution] = [of("refund"), of("partners"), of("inspection"), of("resolution")];
  const share = (key: string, change: string) => `UPDATE ${refund}.tender SET ${change} WHERE provider_key = '${key}'`;
  const asked = (id: string, path: string, value: string) =>
    `UPDATE ${refund}.refund SET tenders = jsonb_set(tenders, '${path}', '${value}') WHERE refund_id = 'rfd_${id}'`;
  const quoted = (id: string, path: string, value: string) =>
    `UPDATE ${refund}.refund SET quote = jsonb_set(quote, '${path}', '${value}') WHERE refund_id = 'rfd_${id}'`;

  return [
    {
      number: 2,
      what: "more units than were bought, or the counter is wrong",
      sql: `UPDATE ${refund}.refund_line SET refunded_units = 1 WHERE line_id = 'cups'`,
    },
    {
      number: 2,
      what: "more units than were bought, or the counter is wrong",
      sql: `${drop(`${refund}.refund_line`, "refund_line_units_check")};
        UPDATE ${refund}.refund_line SET purchased = 1 WHERE line_id = 'cups'`,
    },
    { number: 2, what: "not counted", sql: `DELETE FROM ${refund}.refund_line WHERE line_id = 'cups'` },
    {
      number: 2,
      what: "the same unit twice",
      sql: `UPDATE ${refund}.refund_item SET purchased = 3 WHERE line_id = 'mugs';
        ${again(`${refund}.refund_item`, "line_id = 'mugs'", { from_unit: 1, quantity: 1, amount_minor: 0 })};
        UPDATE ${refund}.refund_line SET refunded_units = 3, purchased = 3 WHERE line_id = 'mugs';
        UPDATE ${resolution}.resolution SET lines = jsonb_set(jsonb_set(lines, '{0,quantity}', '3'), '{0,accepted}', '3')
          WHERE resolution_id = 'res_a';
        UPDATE ${inspection}.inspection SET findings = jsonb_set(findings, '{0,quantity}', '3') WHERE resolution_id = 'res_a'`,
    },
    {
      number: 2,
      what: "more than was asked back, or more than was accepted and nobody recovers it",
      sql: `UPDATE ${refund}.refund SET recovery = NULL WHERE refund_id = 'rfd_b'`,
    },
    {
      number: 2,
      what: "more than was asked back, or more than was accepted and nobody recovers it",
      sql: `UPDATE ${resolution}.resolution SET lines = jsonb_set(lines, '{0,quantity}', '1') WHERE resolution_id = 'res_b'`,
    },
    { number: 3, what: "", sql: `UPDATE ${refund}.refund_line SET refunded_minor = 33332 WHERE line_id = 'cups'` },
    {
      number: 3,
      what: "",
      sql: `${drop(`${refund}.refund_line`, "refund_line_money_check")};
        UPDATE ${refund}.refund_line SET paid_minor = 33332 WHERE line_id = 'cups'`,
    },
    { number: 3, what: "", sql: `UPDATE ${refund}.refund_line SET paid_minor = 1001 WHERE line_id = 'mugs'` },
    {
      number: 4,
      what: "its lines",
      also: [3],
      sql: `UPDATE ${refund}.refund_item SET amount_minor = amount_minor + 1 WHERE line_id = 'cups'`,
    },
    {
      number: 4,
      what: "its shares",
      also: [6],
      sql: `DELETE FROM ${refund}.tender WHERE provider_key = 'key_c'`,
    },
    {
      number: 4,
      what: "its interest",
      sql: `UPDATE ${refund}.refund SET interest = jsonb_set(interest, '{amount,minor}', '"301"') WHERE refund_id = 'rfd_e'`,
    },
    {
      number: 4,
      what: "a share of a payment",
      also: [1],
      sql: `${drop(`${refund}.payment`, "payment_cap_check")}; UPDATE ${refund}.payment SET captured_minor = 999
        WHERE payment_id = 'pay_d'`,
    },
    {
      number: 7,
      what: "does not sum to zero",
      sql: `UPDATE ${refund}.ledger_entry SET amount_minor = amount_minor + 1 WHERE entry_id = 'jnl_a_GRANT_refund_debit'`,
    },
    {
      number: 7,
      what: "is empty",
      sql: `DELETE FROM ${refund}.ledger_entry WHERE journal_id = 'jnl_a_GRANT_refund'`,
    },
    {
      number: 7,
      what: "is of another refund than its journal",
      sql: `UPDATE ${refund}.ledger_entry SET refund_id = 'rfd_c' WHERE journal_id = 'jnl_a_GRANT_refund'`,
    },
    {
      number: 7,
      what: "the guard is off",
      sql: `ALTER TABLE ${refund}.ledger_entry DISABLE TRIGGER ledger_immutable`,
    },
    {
      number: 9,
      what: "a share is not in its payment's currency",
      also: [6, 10, 15],
      sql: `UPDATE ${refund}.tender SET currency = 'USD' WHERE refund_id IN ('rfd_a', 'rfd_b')`,
    },
    {
      number: 9,
      what: "a booking is not in its refund's currency",
      sql: `UPDATE ${refund}.ledger_entry SET currency = 'USD' WHERE journal_id = 'jnl_a_GRANT_refund'`,
    },
    {
      number: 9,
      what: "not above zero, or too large",
      also: [4, 6],
      sql: `${drop(`${refund}.tender`, "tender_amount_check")}; ${share("key_c", "amount_minor = 0")}`,
    },
    {
      number: 9,
      what: "below zero, or too large",
      also: [4, 14],
      sql: `UPDATE ${refund}.refund SET amount_minor = 9007199254740992 WHERE refund_id = 'rfd_c'`,
    },
    {
      number: 9,
      what: "nothing, or too large",
      sql: `UPDATE ${refund}.ledger_entry SET amount_minor = 0 WHERE journal_id = 'jnl_a_GRANT_refund'`,
    },
    {
      number: 9,
      what: "no currency",
      sql: `UPDATE ${refund}.refund SET currency = '£' WHERE refund_id = 'rfd_g';
        UPDATE ${refund}.tender SET currency = '£' WHERE refund_id = 'rfd_g';
        UPDATE ${refund}.ledger_entry SET currency = '£' WHERE refund_id = 'rfd_g';
        UPDATE ${refund}.payment SET currency = '£' WHERE payment_id = 'pay_g';
        ${asked("g", "{0,amount,currency}", '"£"')}`,
    },
    {
      number: 9,
      what: "the provider paid in another currency",
      also: [6],
      sql: `UPDATE ${partners}.provider_refund SET currency = 'USD' WHERE key = 'key_b'`,
    },
    { number: 14, what: "", sql: quoted("a", "{fees,0,amount,minor}", '"249"') },
    { number: 14, what: "", sql: quoted("a", "{fees,0,amount,minor}", '"-250"') },
    {
      number: 14,
      what: "",
      also: [4],
      sql: `UPDATE ${refund}.refund SET amount_minor = 3301 WHERE refund_id = 'rfd_a'`,
    },
    {
      number: 14,
      what: "",
      sql: quoted(
        "g",
        "{fees}",
        '[{"code": "A", "amount": {"minor": "2000", "currency": "GBP"}}, {"code": "B", "amount": {"minor": "-2000", "currency": "GBP"}}]',
      ),
    },
  ];
}
