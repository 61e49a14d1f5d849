// A process that comes to the place refund.step.pay.done again and again, and says so: failpoint.test.ts has it fail there.
import { armFailpoint, failpoint } from "#kit/failpoint.js";

armFailpoint("refund", process.env);
process.once("SIGTERM", () => {
  console.log("asked to end");
  process.exit(0);
});
for (let nth = 1; nth <= 3; nth++) {
  console.log(`comes to it ${nth}`);
  const startedAt = performance.now();
  failpoint("step", "pay", "done");
  const heldMs = performance.now() - startedAt;
  console.log(`goes on ${nth}${heldMs > 200 ? ", late" : ""}`);
  // A signal is heard between two turns of the loop, and this gives it some.
  await new Promise((resolve) => setTimeout(resolve, 20));
}
