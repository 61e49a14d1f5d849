// What carriers send in their own formats, a minute between one scan and the next.
const start = Date.now() - 3_600_000;
const minute = (i: number) => new Date(start + i * 60_000);

/** A wall clock's time in a zone so many hours east. */
function wall(time: Date, hours: number, separator: string): string {
  const [date = "", clock = ""] = new Date(time.getTime() + hours * 3_600_000).toISOString().split("T");
  return `${date.replaceAll("-", separator)} ${clock.slice(0, 8)}`;
}

export function cjMessage(trackingNumber: string, codes: readonly string[]): string {
  const scans = codes.map((crgSt, i) => ({ crgSt, dTime: `${wall(minute(i), 9, "-")}.0`, regBranNm: "강남" }));
  return JSON.stringify({
    parcelResultMap: { resultList: [{ invcNo: trackingNumber }] },
    parcelDetailResultMap: { resultList: scans },
  });
}

export function ecpayMessage(trackingNumber: string, code: string): string {
  const time = wall(minute(Number(code) % 60), 8, "/");
  const form = { MerchantID: "2000132", RtnCode: code, RtnMsg: "狀態", LogisticsSubType: "UNIMARTC2C" };
  const printed = { CVSPaymentNo: trackingNumber.slice(0, 8), CVSValidationNo: trackingNumber.slice(8) };
  return new URLSearchParams({ ...form, ...printed, UpdateStatusDate: time }).toString();
}

export function easypostMessage(carrier: string, trackingNumber: string, codes: readonly string[]): string {
  const details = codes.map((code, i) => {
    const [status, status_detail = null] = code.split("/");
    return { object: "TrackingDetail", status, status_detail, datetime: minute(i).toISOString() };
  });
  const tracker = { object: "Tracker", tracking_code: trackingNumber, carrier, tracking_details: details };
  return JSON.stringify({ id: "evt_1", object: "Event", description: "tracker.updated", result: tracker });
}
