// EasyPost speaks for many carriers: an event with a tracker, and with it every detail so far. Its code is
// "status/status_detail". Events about anything but trackers hold no report.
import { at, eventIdOf, type Format, listAt, objectOf, textAt, unreadable } from "./told.js";

export const easypost: Format = {
  acknowledgement: "",
  read: (content, reporter) => {
    const event = objectOf(content, reporter);
    if (!textAt(event, reporter, "description").startsWith("tracker.")) return [];
    const tracker = at(event, "result");
    const carrier = textAt(tracker, reporter, "carrier");
    const trackingNumber = textAt(tracker, reporter, "tracking_code");
    const details = listAt(tracker, "tracking_details");
    return (details.length > 0 ? details : [tracker]).map((detail) => {
      const words = [textAt(detail, reporter, "status"), at(detail, "status_detail")];
      const code = words.filter((word) => typeof word === "string" && word !== "").join("/");
      const text = textAt(detail, reporter, detail === tracker ? "updated_at" : "datetime");
      const time = new Date(text);
      if (Number.isNaN(time.getTime())) throw unreadable(reporter, `"${text.slice(0, 40)}" is no time`);
      return { carrier, trackingNumber, eventId: eventIdOf("easypost", code, time), code, time };
    });
  },
};
