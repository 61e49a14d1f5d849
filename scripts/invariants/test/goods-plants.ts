// What breaks 12 and 13.
import type { Schemas } from "../invariant.js";
import type { Plant } from "./plant.js";

export function goodsPlants(of: Schemas): Plant[] {
  const [refund, inspection, resolution] = [of("refund"), of("inspection"), of("resolution")];

  return [
    {
      number: 12,
      what: "refunded before receipt",
      sql: `UPDATE ${resolution}.resolution SET terms = jsonb_set(terms, '{trigger}', '"ON_RECEIPT"')
        WHERE resolution_id = 'res_b'`,
    },
    {
      number: 12,
      what: "more than the limit is out",
      sql: `UPDATE ${refund}.refund SET customer_id = 'c_h' WHERE refund_id = 'rfd_b';
        UPDATE ${inspection}.inspection SET state = 'EXPECTED', receive_time = NULL, complete_time = NULL
        WHERE resolution_id = 'res_b'`,
    },
    {
      number: 13,
      what: "paid before it was judged",
      sql: `UPDATE ${refund}.refund SET create_time = now() - interval '56 hours' WHERE refund_id = 'rfd_a'`,
    },
    {
      number: 13,
      what: "not what was accepted",
      sql: `UPDATE ${inspection}.inspection SET findings = jsonb_set(findings, '{1,verdict}', '"REJECTED"')
        WHERE resolution_id = 'res_a'`,
    },
  ];
}
