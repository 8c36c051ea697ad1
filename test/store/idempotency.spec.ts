/**
 * Random lives of commands against a model that keeps a plain list and says what each call must answer.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { join } from "node:path";
import { type CommandEntry, type Recorded, type StoreUse } from "../../src/store/index.js";
import { read, relay, tokenLoad } from "./entries.js";
import { builtStore, engine, removeFolders, temporaryFolder } from "./support.js";

const outcomes = [
  ...["accepted", "used", "old", "rejected", "delivered-unverified", "connected", "disconnected", "armed"],
  ...[
    "not-sent",
    "expired",
    "invalid",
    "locked-out",
    "superseded",
    "unknown",
    "no-effect",
    "refused",
    "failed",
  ],
];

interface Known {
  readonly entry: CommandEntry;
  state: "waiting" | "sending" | "done";
  outcome?: string;
  acceptedAt: number;
  expiresAt: number;
}

/** The rules once more, as sentences about a list. */
class Model {
  #known: Known[] = [];

  record(entry: CommandEntry): Recorded["kind"] | "conflict" {
    const same = this.#known.find(({ entry: other }) => other.commandId === entry.commandId);
    if (same !== undefined) {
      const { command, meterSerialNumber, token, action } = same.entry;
      if (command !== entry.command || meterSerialNumber !== entry.meterSerialNumber) return "conflict";
      if (token !== entry.token || action !== entry.action) return "conflict";
    }
    const earlier = same === undefined ? (entry.hasBackendId ? [] : this.#equal(entry)) : [same];
    if (earlier.some(({ state }) => state !== "done")) return "joined";
    const lasting = earlier.find(({ outcome }) => outcomes.slice(0, 8).includes(outcome ?? ""));
    if (lasting !== undefined) return "answered";
    const unknown = earlier.find(({ outcome }) => outcome === "unknown");
    if (unknown !== undefined) {
      const { acceptedAt, expiresAt } = entry;
      Object.assign(unknown, { state: "sending", outcome: undefined, acceptedAt, expiresAt });
      return "verify";
    }
    this.#known = this.#known.filter((known) => known !== same);
    const { acceptedAt, expiresAt } = entry;
    this.#known.push({ entry, state: "waiting", acceptedAt, expiresAt });
    return "new";
  }

  /** Newest first. */
  #equal(entry: CommandEntry): Known[] {
    const ofMeter = this.#known
      .filter(({ entry: other }) => other.meterSerialNumber === entry.meterSerialNumber)
      .reverse();
    if (entry.command === "remote-load")
      return ofMeter.filter(({ entry: other }) => other.token === entry.token);
    if (entry.command === "read-meter") return [];
    const latest = ofMeter.find(({ entry: other }) => other.command === "remote-control");
    return latest !== undefined &&
      latest.entry.action === entry.action &&
      Math.abs(entry.acceptedAt - latest.acceptedAt) < 10_000
      ? [latest]
      : [];
  }

  find(commandId: string): Known | undefined {
    return this.#known.find(({ entry }) => entry.commandId === commandId);
  }

  expire(now: number): string[] {
    const due = this.#known.filter(({ state, expiresAt }) => state === "waiting" && expiresAt <= now);
    for (const known of due) Object.assign(known, { state: "done", outcome: "expired" });
    return due.map(({ entry }) => entry.commandId).sort();
  }

  get open(): string[] {
    return this.#known.filter(({ state }) => state !== "done").map(({ entry }) => entry.commandId);
  }

  get ids(): string[] {
    return this.#known.map(({ entry }) => entry.commandId);
  }
}

const small = fc.nat({ max: 1 });
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant("record" as const),
      kind: fc.constantFrom(
        "load" as const,
        "load" as const,
        "relay" as const,
        "relay" as const,
        "read" as const,
      ),
      id: fc.option(fc.nat({ max: 4 }), { freq: 2, nil: undefined }),
      hasBackendId: fc.boolean(),
      meter: small,
      content: small,
      livesMs: fc.constantFrom(1_000, 20_000, 1_000_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("mark" as const), which: fc.nat() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("finish" as const),
      which: fc.nat(),
      outcome: fc.constantFrom(...outcomes, "unknown", "unknown"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("expire" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("clock" as const),
      byMs: fc.constantFrom(1, 5_000, 9_999, 10_000, -3, -9_999, -60_000, 3_600_000),
    }),
  },
);

describe(`when a command is the same as an earlier one, ${engine}`, function () {
  this.timeout(60_000);
  let store: StoreUse;
  let runs = 0;

  before(async () => {
    store = await (await builtStore()).openStore(join(temporaryFolder(), "x.db"), { engine, volatile: true });
  });
  after(async () => {
    await store.release();
    removeFolders();
  });

  async function live(
    steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[],
  ): Promise<void> {
    const run = (runs += 1);
    const model = new Model();
    let now = 1_700_000_000_000;
    let fresh = 0;
    const pick = (which: number): string => model.ids[which % Math.max(1, model.ids.length)] ?? "nobody";
    for (const one of steps) {
      switch (one.type) {
        case "record": {
          const commandId = one.id === undefined ? `${run} fresh ${(fresh += 1)}` : `${run} id ${one.id}`;
          const more = {
            hasBackendId: one.hasBackendId,
            meterSerialNumber: `${run} meter ${one.meter}`,
            acceptedAt: now,
            expiresAt: now + one.livesMs,
          };
          const entry =
            one.kind === "load"
              ? tokenLoad(commandId, { ...more, token: `1234567890123456789${one.content}` })
              : one.kind === "relay"
                ? relay(commandId, one.content === 0 ? "connect" : "disconnect", more)
                : read(commandId, more);
          const found = await store.recordCommand(entry).then(
            ({ kind }) => kind,
            (caught: { code: string }) => (caught.code === "COMMAND_CONFLICT" ? "conflict" : caught.code),
          );
          assert.equal(found, model.record(entry));
          break;
        }
        case "mark": {
          const id = pick(one.which);
          const known = model.find(id);
          const isDue = known?.state === "waiting" && known.expiresAt <= now;
          const { kind } = await store.markSending(id, now);
          assert.equal(
            kind,
            known === undefined
              ? "missing"
              : isDue
                ? "expired"
                : known.state === "waiting"
                  ? "marked"
                  : known.state,
          );
          if (kind === "marked" && known !== undefined) known.state = "sending";
          break;
        }
        case "finish": {
          const id = pick(one.which);
          const known = model.find(id);
          const { kind } = await store.finishCommand(id, { outcome: one.outcome }, now);
          assert.equal(
            kind,
            known === undefined ? "missing" : known.state === "done" ? "already" : "finished",
          );
          if (kind === "finished") Object.assign(known ?? {}, { state: "done", outcome: one.outcome });
          break;
        }
        case "expire":
          assert.deepEqual(
            (await store.expireWaiting(now)).map(({ commandId }) => commandId).sort(),
            model.expire(now),
          );
          break;
        case "clock":
          now += one.byMs;
          break;
      }
    }
    const open = (await store.openCommands()).map(({ commandId }) => commandId);
    assert.deepEqual(open, model.open);
    for (const id of open) await store.finishCommand(id, { outcome: "failed" }, now);
  }

  it("follows the rules through any life", async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), live), {
      numRuns: 150,
    });
  });
});
