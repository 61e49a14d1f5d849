// What goes along with the goods from hand to hand, and what drivers say of it.

/** The contract's Verification. */
export type Verification = "NONE" | "OTP" | "IN_PERSON";

/** A photo that the media partner keeps, by what it is. */
export type Photo = { readonly mediaId: string; readonly sha256: string };

/** What a driver saw of the goods. */
export type ItemCheck = {
  readonly unitsSeen: number;
  readonly rightItem: boolean;
  readonly photos: readonly Photo[];
};

/** A driver's word, once it was taken. */
export type Confirmation = {
  readonly time: Date;
  readonly driverId: string;
  readonly swapped: boolean;
  readonly check: ItemCheck | undefined;
};

/** What goes along with the goods from hand to hand. */
export type HandOver = {
  readonly verification: Verification;
  /** How warm the goods may get, for whoever reads the label; AMBIENT where nobody said. */
  readonly temperature: Temperature;
  /** Personal data, and gone with the goods. */
  readonly doorMemo: string;
  /** The replacement that the driver brings along; "" for none. */
  readonly bringsHoldId: string;
  /** How often the customer's code was made anew: another one, another code. */
  readonly codeRound: number;
  /** Since then. */
  readonly wrongCodes: number;
  readonly confirmation: Confirmation | undefined;
};

/** How warm goods may get on the way. */
export type Temperature = "AMBIENT" | "CHILLED" | "FROZEN";

/** As it stands, or with what is asked for: nothing, of a collection that has none. */
export function handOverOf(asked: Partial<HandOver> = {}): HandOver {
  return {
    verification: "NONE",
    temperature: "AMBIENT",
    doorMemo: "",
    bringsHoldId: "",
    codeRound: 0,
    wrongCodes: 0,
    confirmation: undefined,
    ...asked,
  };
}
