/** The reckoning of a chaos run finds every kind of violation. */
import assert from "node:assert/strict";
import {
  isClean,
  reckon,
  type AskedCommand,
  type RunRecord,
  type ToldResult,
} from "../../src/tools/chaos/account.js";

const load: AskedCommand = {
  commandId: "c1",
  command: "remote-load",
  meterSerialNumber: "46000000001",
  token: "44443333222211110001",
  sequence: 1,
  offeredAt: 0,
};
const off: AskedCommand = {
  commandId: "c2",
  command: "remote-control",
  meterSerialNumber: "46000000001",
  action: "disconnect",
  sequence: 2,
  offeredAt: 0,
};
const told = (commandId: string, outcome: string, success = true): ToldResult => ({
  commandId,
  outcome,
  success,
  meterSerialNumber: "46000000001",
  at: 9,
});
const credit = {
  serial: "46000000001",
  token: load.token as string,
  at: 1,
  energyWh: 1000,
  via: "data",
} as const;
const good: RunRecord = {
  asked: [load, off],
  told: [told("c1", "accepted"), told("c2", "disconnected")],
  credits: [credit],
  relayRequests: [{ serial: "46000000001", at: 1, action: "disconnect" }],
  relayChanges: [{ serial: "46000000001", at: 2, state: 0, cause: "remote" }],
  supplied: new Map([["46000000001", false]]),
};

describe("chaos: the reckoning", () => {
  it("is clean when everything happened once and was told once", () => {
    assert.ok(isClean(reckon(good)));
    assert.deepEqual(
      [...reckon(good).outcomes.keys()],
      ["remote-load accepted", "remote-control disconnected"],
    );
  });

  it("a result that comes again unchanged is a repetition, no second result", () => {
    const account = reckon({ ...good, told: [...good.told, told("c1", "accepted")] });
    assert.ok(isClean(account));
    assert.equal(account.repeated, 1);
  });

  const violations: [string, keyof ReturnType<typeof reckon>, Partial<RunRecord>][] = [
    ["a token credited twice", "doubleCredits", { credits: [credit, credit] }],
    ["no result", "lost", { told: [told("c2", "disconnected")] }],
    ["no result is not one result", "notOneFinal", { told: [told("c2", "disconnected")] }],
    [
      "said not sent, and credited",
      "falseFailure",
      { told: [told("c1", "not-sent", false), told("c2", "disconnected")] },
    ],
    [
      "said used by another, and credited by us",
      "falseFailure",
      { told: [told("c1", "used", false), told("c2", "disconnected")] },
    ],
    ["said accepted, and not credited", "falseSuccess", { credits: [] }],
    ["said disconnected, and supplied", "falseSuccess", { supplied: new Map([["46000000001", true]]) }],
    ["credited elsewhere", "wrongMeter", { credits: [{ ...credit, serial: "46000000003" }] }],
    [
      "a relay nobody asked for",
      "wrongMeter",
      { relayChanges: [{ serial: "46000000003", at: 2, state: 0, cause: "remote" }] },
    ],
    [
      "a relay asked twice for one command",
      "relayTwice",
      { relayRequests: [...good.relayRequests, ...good.relayRequests] },
    ],
    [
      "a relay asked for a command that is said not to have been sent",
      "relayTwice",
      { told: [told("c1", "accepted"), told("c2", "not-sent", false)] },
    ],
    ["two results that differ", "notOneFinal", { told: [...good.told, told("c1", "unknown", false)] }],
  ];
  for (const [what, list, change] of violations)
    it(`finds: ${what}`, () => {
      const account = reckon({ ...good, ...change });
      assert.ok((account[list] as readonly string[]).length > 0);
      assert.ok(!isClean(account));
    });

  it("tells how unknown outcomes had ended in truth", () => {
    const happened = reckon({ ...good, told: [told("c1", "unknown", false), told("c2", "disconnected")] });
    assert.deepEqual(happened.unknown, { happened: 1, didNot: 0 });
    assert.ok(isClean(happened), "unknown is not a violation");
    const relay = [told("c1", "accepted"), told("c2", "unknown", false)];
    assert.deepEqual(reckon({ ...good, told: relay }).unknown, { happened: 1, didNot: 0 });
    assert.deepEqual(reckon({ ...good, told: relay, relayRequests: [] }).unknown, { happened: 0, didNot: 1 });
  });
});
