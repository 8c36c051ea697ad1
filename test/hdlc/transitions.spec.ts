import assert from "node:assert/strict";
import {
  linkTransitions,
  originalStation,
  reversedStation,
  type Station,
} from "../../src/hdlc/transitions.js";

const stations = Object.keys(linkTransitions) as Station[];

describe("HDLC transition table", () => {
  it("leads only to states that the station, or what it was before, knows", () => {
    for (const station of stations)
      for (const [state, row] of Object.entries(linkTransitions[station]))
        for (const [input, { next }] of Object.entries(row)) {
          const known = { ...linkTransitions[station], ...linkTransitions[originalStation[station]] };
          assert.ok(next in known, `${station} ${state} ${input} leads to ${next}`);
        }
  });

  it("lets no state wait for ever: each that waits has a way out by time or by the peer", () => {
    for (const station of stations)
      for (const [state, row] of Object.entries(linkTransitions[station]))
        if (state !== "disconnected") assert.equal(row.expired?.next, "disconnected", `${station} ${state}`);
  });

  it("gives only the original primary the SNRM, reversed or not", () => {
    for (const station of stations) {
      const connects = Object.values(linkTransitions[station]).some((row) => row.connect !== undefined);
      assert.equal(connects, station === "primary");
    }
  });

  it("swaps roles back and forth", () => {
    for (const station of stations) {
      assert.equal(reversedStation[reversedStation[station]], station);
      assert.equal(originalStation[reversedStation[station]], originalStation[station]);
    }
  });
});
