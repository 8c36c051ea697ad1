import assert from "node:assert/strict";
import { inspect } from "node:util";
import { asDlmsError, DecodeError, DlmsError, errorTable, usageError } from "../../src/core/errors.js";
import { TimerTable } from "../../src/core/machine.js";
import { maskToken, Secret } from "../../src/core/secret.js";

describe("errors", () => {
  it("have a status text of at most 20 characters and a sentence", () => {
    for (const [code, { short, text }] of Object.entries(errorTable)) {
      assert.match(code, /^[A-Z][A-Z0-9_]+$/);
      assert.ok(short.length > 0 && short.length <= 20, `${code}: ${short}`);
      assert.match(text, /^[A-Z].*\.$/, code);
    }
  });

  it("find family, fault and retry in the table, and carry the field", () => {
    const error = usageError("OBIS_INVALID", "obisCode", "obisCode is malformed");
    assert.equal(error.name, "UsageError");
    assert.deepEqual(error.toPayload(), {
      code: "OBIS_INVALID",
      field: "obisCode",
      message: "obisCode is malformed",
      retry: "never",
    });
    assert.equal(new DlmsError("LINK_LOST").message, errorTable.LINK_LOST.text);
  });

  it("say where octets did not decode", () => {
    const error = new DecodeError("unknown tag 07", 6, "structure[1]");
    assert.equal(error.message, "unknown tag 07 at octet 6 (structure[1])");
    assert.equal(error.family, "DecodeError");
  });

  it("make an internal error of anything else, keeping the cause", () => {
    const cause = new TypeError("x is not a function");
    assert.equal(asDlmsError(cause).code, "INTERNAL");
    assert.equal(asDlmsError(cause).cause, cause);
    assert.equal(asDlmsError("thrown text").message, "thrown text");
    const own = new DlmsError("LINK_LOST");
    assert.equal(asDlmsError(own), own);
  });
});

describe("TimerTable", () => {
  it("gives the earliest deadline and takes out what is due, in order", () => {
    const timers = new TimerTable<"response" | "idle" | "poll">();
    timers.set("idle", 300);
    timers.set("response", 100);
    timers.set("poll", 200);
    assert.equal(timers.next(), 100);
    assert.deepEqual(timers.due(99), []);
    assert.deepEqual(timers.due(200), ["response", "poll"]);
    assert.ok(!timers.has("response") && timers.has("idle"));
    timers.set("idle", 50);
    assert.equal(timers.next(), 50);
    timers.clearAll();
    assert.equal(timers.next(), undefined);
  });
});

describe("Secret", () => {
  it("never prints its value", () => {
    const secret = new Secret("12345678");
    for (const text of [
      String(secret),
      JSON.stringify({ secret }),
      inspect({ secret }),
      `${inspect(secret)}`,
    ])
      assert.ok(!text.includes("1234") && text.includes("[redacted]"), text);
    assert.equal(secret.reveal(), "12345678");
    assert.equal(maskToken("12345678901234567890"), "…7890");
  });
});
