import assert from "node:assert/strict";
import { cj } from "../core/formats/cj.js";
import { easypost } from "../core/formats/easypost.js";
import { ecpay } from "../core/formats/ecpay.js";
import { cjMessage, easypostMessage } from "./messages.js";

const unreadable = (problem: RegExp) => ({ reason: "CARRIER_MESSAGE_UNREADABLE", message: problem });

describe("collection: carriers' formats", () => {
  it("reads CJ's waybill and its scans, by Seoul's clock", () => {
    const scan = { crgSt: 11, dTime: "2026-11-24 10:15:00.0" };
    const message = {
      parcelResultMap: { resultList: [{ invcNo: "123456789012" }] },
      parcelDetailResultMap: { resultList: [scan] },
    };
    const time = new Date("2026-11-24T01:15:00Z");
    const eventId = "cj:11@2026-11-24T01:15:00.000Z";
    const told = [{ carrier: undefined, trackingNumber: "123456789012", eventId, code: "11", time }];
    assert.deepEqual(cj.read(JSON.stringify(message), "cj"), told);
  });

  it("gives the same scan the same id, however much came after it", () => {
    const [first] = cj.read(cjMessage("1", ["11"]), "cj");
    assert.equal(cj.read(cjMessage("1", ["11", "41"]), "cj")[0]?.eventId, first?.eventId);
  });

  it("gives an id that can be kept to any code, so that an odd one is kept, too", () => {
    const [odd] = cj.read(cjMessage("1", ["집화 처리"]), "cj");
    assert.equal(odd?.code, "집화 처리");
    assert.match(odd?.eventId ?? "", /^[\x21-\x7e]{1,128}$/);
    const [long] = cj.read(cjMessage("1", ["x".repeat(200)]), "cj");
    assert.match(long?.eventId ?? "", /^[\x21-\x7e]{1,128}$/);
  });

  it("reads ECPay's form by Taipei's clock, with the number as it is printed on the parcel", () => {
    const form = (more: object) =>
      new URLSearchParams({ RtnCode: "2067", UpdateStatusDate: "2026/11/24 10:15:00", ...more }).toString();
    const numberOf = (more: object) => ecpay.read(form(more), "seven")[0]?.trackingNumber;
    assert.equal(
      numberOf({ CVSPaymentNo: "F1234567", CVSValidationNo: "8901", AllPayLogisticsID: "7" }),
      "F12345678901",
    );
    assert.equal(numberOf({ BookingNote: "B-9", AllPayLogisticsID: "7" }), "B-9");
    assert.equal(numberOf({ AllPayLogisticsID: "7" }), "7");
    const [told] = ecpay.read(form({ AllPayLogisticsID: "7" }), "seven");
    assert.deepEqual([told?.code, told?.time], ["2067", new Date("2026-11-24T02:15:00Z")]);
  });

  it("reads every detail of EasyPost's tracker, or its status where it has none", () => {
    const told = easypost.read(easypostMessage("UPS", "1Z", ["in_transit/departed_facility", "delivered"]), "easypost");
    assert.deepEqual(
      told.map(({ carrier, trackingNumber, code }) => [carrier, trackingNumber, code]),
      [
        ["UPS", "1Z", "in_transit/departed_facility"],
        ["UPS", "1Z", "delivered"],
      ],
    );
    const bare = { tracking_code: "1Z", carrier: "UPS", status: "pre_transit", updated_at: "2026-11-24T01:15:00Z" };
    const created = JSON.stringify({ description: "tracker.created", result: bare });
    assert.deepEqual(
      easypost.read(created, "easypost").map(({ code, time }) => [code, time.toISOString()]),
      [["pre_transit", "2026-11-24T01:15:00.000Z"]],
    );
    assert.deepEqual(easypost.read(JSON.stringify({ description: "batch.created", result: {} }), "easypost"), []);
  });

  it("says what is wrong with anything else", () => {
    assert.throws(() => cj.read("<html>", "cj"), unreadable(/no JSON object/));
    assert.throws(() => cj.read("{}", "cj"), unreadable(/invcNo is missing/));
    assert.throws(() => cj.read(cjMessage("1", []), "cj"), unreadable(/no scan/));
    const undated = cjMessage("1", ["11"]).replace(/\d{4}-\d\d-\d\d/, "yesterday");
    assert.throws(() => cj.read(undated, "cj"), unreadable(/"yesterday .*" is no time/));
    assert.throws(() => ecpay.read("RtnCode=2067", "seven"), unreadable(/AllPayLogisticsID is missing/));
    const date = "AllPayLogisticsID=7&RtnCode=2067&UpdateStatusDate=2026/13/40 10:00:00";
    assert.throws(() => ecpay.read(date, "seven"), unreadable(/is no time/));
    assert.throws(() => easypost.read("[]", "easypost"), unreadable(/description is missing/));
    const dateless = easypostMessage("UPS", "1Z", ["delivered"]).replace(/"datetime":"[^"]*"/, '"datetime":"soon"');
    assert.throws(() => easypost.read(dateless, "easypost"), unreadable(/"soon" is no time/));
  });
});
