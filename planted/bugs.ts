// All planted bugs, by what they spoil.
import type { Bug } from "./bug.js";
import { busBugs } from "./bugs/bus.js";
import { commitBugs } from "./bugs/commit.js";
import { doorBugs } from "./bugs/doors.js";
import { goodsBugs } from "./bugs/goods.js";
import { moneyBugs } from "./bugs/money.js";

export const bugs: readonly Bug[] = [...commitBugs, ...busBugs, ...moneyBugs, ...goodsBugs, ...doorBugs];
