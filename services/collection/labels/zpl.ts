// A label as ZPL II: what label printers draw themselves, at 8 dots per mm.
import { handlingOf, inFours, type Label, shortCode } from "../core/label.js";
import { dotsPerMm, sheetMm } from "./sheet.js";

export function toZpl(label: Label): string {
  const { kind, trackingNumber, carrier, centre, units, parcel, collectionId, advice } = label;
  const handling = handlingOf(label.temperature);
  const symbol =
    kind === "CODE"
      ? [`^FO260,280^BQN,2,10^FDQA,${trackingNumber}^FS`, text(220, 700, 72, shortCode(label))]
      : [`^FO60,320^BY${trackingNumber.length > 18 ? 1 : 2}^BCN,300,N,N,N,A^FD${trackingNumber}^FS`];
  const lines = [
    "^XA",
    `^PW${sheetMm.width * dotsPerMm}^LL${sheetMm.height * dotsPerMm}^CI28`,
    text(40, 40, 84, "RETURN"),
    text(420, 60, 50, carrier.toUpperCase()),
    ...(centre ? [text(40, 190, 44, `TO  ${centre}`)] : []),
    ...symbol,
    ...(kind === "CODE" ? [] : [text(60, 640, 40, inFours(trackingNumber))]),
    ...(handling ? [text(60, 800, 48, handling)] : []),
    text(40, 930, 28, `PARCEL ${parcel.number} of ${parcel.of}   UNITS ${units}`),
    text(40, 970, 28, kind === "CODE" ? trackingNumber : collectionId),
    ...advice.map((line, i) => text(40, 1110 + 34 * i, 26, line)),
    "^XZ",
  ];
  return `${lines.join("\n")}\n`;
}

/** A caret or tilde in what is printed would be read as a command. */
function text(left: number, top: number, size: number, words: string): string {
  return `^FO${left},${top}^A0N,${size},${size}^FD${words.replaceAll(/[\^~]/g, " ")}^FS`;
}
