/** What a gateway that died in the middle of a command makes of it in its next life, judged by the meter's ledger. */
import assert from "node:assert/strict";
import { dialectByName } from "../../../src/meter-types/dialects/index.js";
import { type MeterType } from "../../../src/meter-types/meter-type.js";
import { presets } from "../../../src/meter-types/presets.js";
import { packBcd } from "../../../src/meter-types/token-digits.js";
import { tokenRules } from "../../../src/meter-types/token-rules.js";
import { type Faults } from "../../../src/simulator/faults.js";
import { type Ledger } from "../../../src/simulator/ledger.js";
import { type SimulatedMeterOptions } from "../../../src/simulator/meter-options.js";
import { type CommandResult } from "../../../src/gateway/messages.js";
import { type DialledIn } from "../bench.js";
import { Gateway, removeFolders, until } from "./journal-bench.js";

const serial = "46000755036";
const token = "12345678901234567890";
const later = "12345678901234567891";
const wrapped = { ...presets.standard.association, framing: "wrapper" as const };
const plain = dialectByName("plain-wrapper");
const login = dialectByName("hexcell-login");
assert.ok(plain && login);

interface Setting {
  readonly meterType: MeterType;
  readonly meter: Partial<SimulatedMeterOptions> & Pick<SimulatedMeterOptions, "dialect">;
}

const settings = {
  "token gateway": { meterType: { ...presets.standard, association: wrapped }, meter: { dialect: plain } },
  "token log": { meterType: presets.hexcell, meter: { dialect: login, objects: "hexcell" } },
  "no status": {
    meterType: { ...presets.hexcell, tokenRule: tokenRules["data-bcd"] },
    meter: { dialect: login, objects: "hexcell" },
  },
  register: { meterType: { ...presets.readme, association: wrapped }, meter: { dialect: plain } },
  credit: {
    meterType: { ...presets.standard, association: wrapped, tokenRule: tokenRules.credit },
    meter: { dialect: plain },
  },
} as const satisfies Record<string, Setting>;

interface Meanwhile {
  readonly tokenWindowMs?: number;
  /** What happens to the meter before the next gateway sees it. */
  readonly meanwhile?: (dialled: DialledIn) => void;
}

/**
 * A command is marked, its request goes out, the link breaks as `faults` say, the gateway dies. The meter comes back to
 * a new gateway whose node recovers its commands.
 */
async function dieWhileSending(
  { meterType, meter }: Setting,
  faults: Faults,
  command: Readonly<Record<string, unknown>>,
  check: (outcome: {
    readonly results: readonly CommandResult[];
    readonly ledger: Ledger;
    readonly gateway: Gateway;
    readonly requests: () => string;
  }) => Promise<void> | void,
  { tokenWindowMs = 1_500, meanwhile }: Meanwhile = {},
): Promise<void> {
  const listenerOptions = { defaultMeterType: meterType, times: { tokenWindowMs } };
  const before = await new Gateway({ listenerOptions }).open();
  let after: Gateway | undefined;
  try {
    const dialled: DialledIn = await before.bench.dialIn({ serial, meterType, ...meter, faults });
    await before.bench.event("associated", serial);
    const name = "token" in command ? "remote-load" : "remote-control";
    void before.run(name, { meterSerialNumber: serial, commandId: "c1", ...command });
    await before.bench.event("disconnected", serial);
    assert.equal(await before.stateOf("c1"), "sending");
    const { ledger } = before.bench;
    after = await before.crash({ listenerOptions, verifyMs: 5_000 });
    const results: CommandResult[] = [];
    after.journal.recover("node", (result) => results.push(result));
    meanwhile?.(dialled);
    await after.bench.reconnect(dialled);
    await until(
      () => results.length > 0,
      "the recovered result",
      () => JSON.stringify([after?.logs, after?.bench.logs.map((entry) => entry.text)]),
    );
    assert.equal(results[0]?.recovered, true);
    assert.equal(results[0]?.commandId, "c1");
    await check({ results, ledger, gateway: after, requests: dialled.received });
    assert.equal(await after.stateOf("c1"), "done");
    assert.equal(results.length, 1);
  } finally {
    await before.close();
    await after?.close();
  }
}

describe("journal: a gateway that dies while a command is being sent", () => {
  after(removeFolders);

  const setOrAction = (name: string): Faults["hangUpOn"] =>
    name === "token gateway" || name === "credit" ? "action" : "set";

  for (const name of ["token gateway", "token log", "no status", "register"] as const)
    for (const when of ["before-effect", "after-effect"] as const)
      it(`${name}, link lost ${when}: credited once, and the result says what is true`, () =>
        dieWhileSending(
          settings[name],
          { hangUp: when, hangUpOn: setOrAction(name) },
          { token },
          ({ results, ledger }) => {
            const [result] = results;
            assert.equal(ledger.credits(serial).length, 1, JSON.stringify(result));
            const isReadable = name === "token gateway" || name === "token log";
            // Where the meter only says no, a token that it took and one that it will not take look the same.
            const isDark = !isReadable && when === "after-effect";
            assert.equal(result?.success, !isDark, JSON.stringify(result));
            if (isDark) assert.equal(result?.outcome, "unknown");
            else if (!isReadable) assert.equal(result?.outcome, "delivered-unverified");
            else assert.ok(["accepted", "used"].includes(result?.outcome ?? ""), JSON.stringify(result));
          },
        ));

  it("a token gateway that shows a later token by now is not waited for", () =>
    dieWhileSending(
      settings["token gateway"],
      { hangUp: "after-effect", hangUpOn: "action" },
      { token },
      ({ results, ledger }) => {
        assert.deepEqual([results[0]?.outcome, results[0]?.success], ["used", true], JSON.stringify(results));
        assert.equal(ledger.credits(serial).length, 2);
      },
      {
        // Longer than this test may take.
        tokenWindowMs: 600_000,
        meanwhile: ({ meter: { state } }) => {
          const at = (state.gatewayToken?.at ?? 0) + 1;
          const verdict = state.enterToken(at, later, "token-gateway");
          state.gatewayToken = { token: packBcd(later), at, verdict };
        },
      },
    ));

  it("an amount is never sent again", () =>
    dieWhileSending(
      settings.credit,
      { hangUp: "before-effect", hangUpOn: "action" },
      { token, amount: 5000 },
      ({ results, ledger }) => {
        assert.equal(results[0]?.outcome, "unknown", JSON.stringify(results));
        assert.equal(ledger.credits(serial).length, 0);
      },
    ));

  it("a relay command that took effect is known by the state", () =>
    dieWhileSending(
      settings["token gateway"],
      { hangUp: "after-effect", hangUpOn: "action" },
      { action: "disconnect" },
      ({ results, ledger }) => {
        assert.equal(results[0]?.outcome, "disconnected", JSON.stringify(results));
        assert.equal(results[0]?.success, true);
        assert.equal(results[0]?.attempts, 1);
        assert.equal(ledger.relayChanges(serial).length, 1);
      },
    ));

  it("a relay command that did not is unknown, and not repeated", () =>
    dieWhileSending(
      settings["token gateway"],
      { hangUp: "before-effect", hangUpOn: "action" },
      { action: "disconnect" },
      async ({ results, ledger, gateway }) => {
        assert.equal(results[0]?.outcome, "unknown", JSON.stringify(results));
        assert.equal(ledger.relayChanges(serial).length, 0);
        // Asked once more by the user, it is looked for again; the method is still not called.
        const again = await gateway.run("remote-control", {
          meterSerialNumber: serial,
          commandId: "c1",
          action: "disconnect",
        });
        assert.equal(again?.outcome, "unknown", JSON.stringify(again));
        assert.equal(ledger.relayChanges(serial).length, 0);
      },
    ));
});
