// Thirty secrets of the kinds that people write where they should not, each found nowhere else; and where staff may write
// them about a request.

/** One of them. */
export type Canary = { readonly kind: string; readonly secret: string };

const of = (kind: string, ...secrets: string[]): Canary[] => secrets.map((secret) => ({ kind, secret }));

export const canaries: readonly Canary[] = [
  ...of("name", "Kim Minji-Canary", "김카나리아", "林金絲雀", "Zoë Canarywharf"),
  ...of("phone", "010-7301-0001", "+82 10 7301 0002", "0912-730-103", "+44 7700 900731", "090-7301-0005"),
  ...of("e-mail", "canary.one@example.com", "canary+two@example.co.kr", "canary_three@example.tw"),
  ...of(
    "address",
    "12 Canary Lane, London E14 7XX",
    "서울 마포구 카나리로 7301",
    "台北市金絲雀路73號",
    "Flat 73B, code 7301#",
  ),
  ...of("card", "4111 1111 1111 7301", "5500-0000-0000-7301", "378282246317301"),
  ...of("account", "110-730-173010", "GB82WEST12345698767301", "004-7301730173"),
  ...of(
    "token",
    "eyJhbGciOiJub25lIn0.eyJzdWIiOiI3MzAxIn0.canary",
    "sk_live_canary7301canary7301",
    "whsec_Y2FuYXJ5NzMwMQ",
    "AKIACANARY7301CANARY",
  ),
  ...of("identity", "900101-2730173", "A273017301", "QQ 73 01 73 C", "M73017301"),
];

/** The request that is written about. */
export type About = {
  readonly resolutionId: string;
  readonly decisionId: string;
  readonly customerId: string;
  readonly market: string;
  /** Until when it may be held back. */
  readonly until: string;
};

/** An act that the edge takes, with words in it. */
export type StaffAct = { readonly role: "AGENT" | "LEAD"; readonly path: string; readonly body: object };

/** Acts of staff about an open request, each once and in this order; all of them have a place for words. */
export function staffActs(about: About, words: string): StaffAct[] {
  const { resolutionId, decisionId, customerId, market, until } = about;
  const desk = `/v1/desk/cases/${resolutionId}`;
  const lead = (path: string, body: object): StaffAct => ({ role: "LEAD", path, body: { reason: words, ...body } });
  return [
    lead(`${desk}:assign`, { assignee: "lena" }),
    lead(`${desk}:unassign`, {}),
    { role: "AGENT", path: `${desk}/tickets`, body: { subject: words.slice(0, 80), text: words } },
    lead(`${desk}:hold`, { until }),
    lead(`${desk}:release`, {}),
    lead(`${desk}:extendDeadline`, { step: "handover", days: 1 }),
    lead("/v1/desk/bulks", { resolutionIds: [resolutionId], note: {} }),
    lead(`/v1/decisions/${decisionId}:override`, { lines: [{ lineId: "l-1", verdict: "VERDICT_REVIEW" }] }),
    lead("/v1/listEntries", {
      ...{ market, kind: "LIST_KIND_ALLOW", subject: "LIST_SUBJECT_CUSTOMER", value: customerId, endTime: until },
    }),
  ];
}
