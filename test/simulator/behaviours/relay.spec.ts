/** The relay: every control mode's rules against the standard's table, travel, credit, and the button. */
import assert from "node:assert/strict";
import { data } from "../../../src/axdr/index.js";
import {
  type ControlMode,
  controlModes,
  type ControlState,
  nextControlState,
  type RelayEvent,
} from "../../../src/simulator/behaviours/relay.js";
import { type SimulatedMeterOptions } from "../../../src/simulator/meter-options.js";
import { type Asker, dialledIn } from "../asker.js";

const RELAY = "0-0:96.3.10.255";

/** Columns of the standard's table: from state 0, 1, 2; a dash where nothing happens. */
const expected: Record<ControlMode, Record<RelayEvent, string>> = {
  0: row("---", "---", "---", "---", "---", "---"),
  1: row("-00", "-2-", "-2-", "2--", "--1", "---"),
  2: row("-00", "-2-", "-2-", "1--", "--1", "---"),
  3: row("-00", "---", "-2-", "2--", "--1", "---"),
  4: row("-00", "---", "-2-", "1--", "--1", "---"),
  5: row("-00", "-2-", "-2-", "2--", "--1", "--1"),
  6: row("-00", "---", "-2-", "2--", "--1", "--1"),
};

function row(
  remoteDisconnect: string,
  manualDisconnect: string,
  localDisconnect: string,
  remoteReconnect: string,
  manualReconnect: string,
  localReconnect: string,
): Record<RelayEvent, string> {
  return {
    "remote-disconnect": remoteDisconnect,
    "manual-disconnect": manualDisconnect,
    "local-disconnect": localDisconnect,
    "remote-reconnect": remoteReconnect,
    "manual-reconnect": manualReconnect,
    "local-reconnect": localReconnect,
  };
}

function states(asker: Asker): [boolean, number] {
  const { value } = asker.value(70, RELAY, 2) as { value: unknown };
  assert.equal(typeof value, "boolean");
  return [value as boolean, asker.number(70, RELAY, 3)];
}

function relay(options: Partial<SimulatedMeterOptions>): Asker {
  return dialledIn({ relayDelayMs: 2_000, ...options });
}

const disconnect = (asker: Asker) => asker.act(70, RELAY, 1, data.integer(0));
const reconnect = (asker: Asker) => asker.act(70, RELAY, 2, data.integer(0));

describe("simulated relay", () => {
  for (const mode of controlModes)
    it(`follows the table of control mode ${mode}`, () => {
      for (const [event, line] of Object.entries(expected[mode]) as [RelayEvent, string][])
        for (const from of [0, 1, 2] as ControlState[]) {
          const to = line[from] === "-" ? from : Number(line[from]);
          assert.equal(nextControlState(mode, from, event), to, `${event} from ${from}`);
        }
    });

  it("method 1 disconnects and method 2 reconnects, after the contacts have travelled", () => {
    const asker = relay({ controlMode: 4 });
    assert.equal(disconnect(asker), "success");
    assert.deepEqual(states(asker), [true, 1], "still travelling");
    asker.advance(1_999);
    assert.deepEqual(states(asker), [true, 1]);
    asker.advance(1);
    assert.deepEqual(states(asker), [false, 0]);
    assert.equal(reconnect(asker), "success");
    assert.deepEqual(states(asker), [false, 0]);
    asker.advance(2_000);
    assert.deepEqual(states(asker), [true, 1]);
    const { ledger } = asker.meter.state.options;
    assert.deepEqual(
      ledger.relayChanges("46000755036").map(({ state, cause }) => [state, cause]),
      [
        [0, "remote"],
        [1, "remote"],
      ],
    );
  });

  for (const controlMode of [1, 3, 5, 6] as const)
    it(`is only armed by a remote reconnect in mode ${controlMode}, until the button is pressed`, () => {
      const asker = relay({ controlMode });
      disconnect(asker);
      asker.advance(2_000);
      assert.equal(reconnect(asker), "success");
      asker.advance(60_000);
      assert.deepEqual(states(asker), [false, 2]);
      asker.tell({ type: "press-button" });
      asker.advance(2_000);
      assert.deepEqual(states(asker), [true, 1]);
    });

  it("takes the commands of mode 0 and does nothing", () => {
    const asker = relay({ controlMode: 0 });
    assert.equal(disconnect(asker), "success");
    asker.advance(60_000);
    assert.deepEqual(states(asker), [true, 1]);
  });

  it("lets the button disconnect where the mode has it", () => {
    const asker = relay({ controlMode: 2, relayDelayMs: 0 });
    asker.tell({ type: "press-button", action: "disconnect" });
    assert.deepEqual(states(asker), [false, 2]);
    asker.tell({ type: "press-button" });
    assert.deepEqual(states(asker), [true, 1]);
  });

  it("turns round when told the opposite while travelling", () => {
    const asker = relay({ controlMode: 4 });
    disconnect(asker);
    asker.advance(1_000);
    reconnect(asker);
    asker.advance(60_000);
    assert.deepEqual(states(asker), [true, 1]);
    assert.deepEqual(asker.meter.state.options.ledger.relayChanges(), []);
  });

  it("opens when the credit is used up, refuses to close without any, and is armed by none", () => {
    const asker = relay({ controlMode: 4, creditWh: 500 });
    asker.advance(12 * 3_600_000);
    assert.deepEqual(states(asker), [false, 2]);
    assert.equal(asker.number(3, "1-0:96.66.0.255"), 0);
    const before = asker.number(3, "1-0:1.8.0.255");
    asker.tell({ type: "press-button" });
    asker.advance(3_600_000);
    assert.deepEqual(states(asker), [false, 2], "the button does not help");
    assert.equal(disconnect(asker), "success");
    assert.equal(reconnect(asker), "other-reason");
    assert.equal(asker.number(3, "1-0:1.8.0.255"), before, "nothing was drawn");
    assert.ok(asker.told().includes("credit-exhausted"));
  });

  it("closes by itself after a token only in modes 5 and 6", () => {
    for (const controlMode of [4, 5, 6] as const) {
      const asker = relay({ controlMode, creditWh: 500, relayDelayMs: 0 });
      asker.advance(12 * 3_600_000);
      const credited = asker.write(3, "0-0:19.1.0.255", data.visibleString("12345678901234567890"));
      assert.equal(credited, "success");
      assert.deepEqual(states(asker), controlMode === 4 ? [false, 2] : [true, 1]);
    }
  });

  it("takes no parameter but the integer of the standard", () => {
    assert.equal(relay({}).act(70, RELAY, 1, data.visibleString("now")), "type-unmatched");
  });
});
