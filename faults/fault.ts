// What goes wrong in a trial. A kind draws one from chance; the same chance draws the same fault.
import type { Chance } from "../prove/chance.js";
import type { House } from "./house.js";

/** How it went. */
export type Struck = {
  /** False where it did not come about: nothing passed the place where a process was to die. */
  readonly hit: boolean;
  /** Since when things can recover: a death, or the end of what was wrong. */
  readonly since: number;
  /** Since then, until what was down answered again. */
  readonly readyMs?: number;
};

export type Fault = {
  /** Which one, as it was drawn. */
  readonly what: string;
  /** Before the customers come. */
  prepare?(house: House): Promise<void>;
  /** Brings it about and takes it away. @param given aborts when the trial has nothing more to give it */
  strike(house: House, given: AbortSignal): Promise<Struck>;
  /** Whether somebody's definite no may leave a request to people. */
  readonly leavesToPeople?: boolean;
};

export type Kind = {
  readonly name: string;
  readonly about: string;
  /** How often it is drawn, against the others. */
  readonly share: number;
  draw(chance: Chance): Fault;
};
