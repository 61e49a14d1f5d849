// CJ Logistics: a waybill (`invcNo`) and every scan of it so far, by `crgSt`; times are Seoul's wall clock.
import { eventIdOf, type Format, listAt, objectOf, textAt, unreadable, wallTime } from "./told.js";

export const cj: Format = {
  acknowledgement: "",
  read: (content, carrier) => {
    const message = objectOf(content, carrier);
    const [waybill] = listAt(message, "parcelResultMap", "resultList");
    const trackingNumber = textAt(waybill, carrier, "invcNo");
    const scans = listAt(message, "parcelDetailResultMap", "resultList");
    if (scans.length === 0) throw unreadable(carrier, "it holds no scan");
    return scans.map((scan) => {
      const code = textAt(scan, carrier, "crgSt");
      const time = wallTime(textAt(scan, carrier, "dTime"), "+09:00", carrier);
      return { carrier: undefined, trackingNumber, eventId: eventIdOf("cj", code, time), code, time };
    });
  },
};
