// ECPay, for Taiwan's convenience stores: a form, one status of one parcel; times are Taipei's wall clock. It sends a status
// again, three times a day for three days, until it reads "1|OK".
import { eventIdOf, type Format, unreadable, wallTime } from "./told.js";

export const ecpay: Format = {
  acknowledgement: "1|OK",
  read: (content, carrier) => {
    const form = new URLSearchParams(content);
    const field = (name: string) => {
      const value = form.get(name);
      if (value) return value;
      throw unreadable(carrier, `${name} is missing`);
    };
    // Store to store, a parcel's number is printed in two parts; elsewhere it is the booking note.
    const printed = `${form.get("CVSPaymentNo") ?? ""}${form.get("CVSValidationNo") ?? ""}`;
    const trackingNumber = printed || form.get("BookingNote") || field("AllPayLogisticsID");
    const code = field("RtnCode");
    const time = wallTime(field("UpdateStatusDate"), "+08:00", carrier);
    return [{ carrier: undefined, trackingNumber, eventId: eventIdOf("ecpay", code, time), code, time }];
  },
};
