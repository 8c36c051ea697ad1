/** The meter's clock: how far it is off, and setting it in the meter's own style, octet by octet. */
import assert from "node:assert/strict";
import { type Data, data } from "../../src/axdr/index.js";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import { type SetClockOptions } from "../../src/client/index.js";
import { SessionPair } from "../support/session-pair.js";

const obis = "0-0:1.0.0.255";
/** Thursday 1 January 2026, 12:00:00 UTC, and 12.4 s. */
const noon = Date.UTC(2026, 0, 1, 12) + 12_400;

async function meter(shows: Data, more: Readonly<Record<number, Data>> = {}) {
  const pair = new SessionPair({ framing: "wrapper" });
  pair.store.put(8, obis, 2, shows);
  for (const [id, value] of Object.entries(more)) pair.store.put(8, obis, Number(id), value);
  const shifts: (Data | undefined)[] = [];
  pair.store.methods.set(`8/${obis}/6`, (parameters) => {
    shifts.push(parameters);
    return { result: "success" };
  });
  const client = pair.client();
  await client.associate();
  const written = (): string => {
    const value = pair.store.attributes.get(`8/${obis}/2`);
    assert.ok(value && "value" in value && value.value instanceof Uint8Array);
    return `${value.type} ${toHex(value.value)}`;
  };
  const set = (options: Partial<SetClockOptions> = {}) => client.setClock({ now: () => noon, ...options });
  return { client, set, written, shifts };
}

const octets = (hex: string): Data => data.octetString(fromHex(hex));

describe("the meter's clock", () => {
  it("is compared with the true time, in its own zone or the one it is told", async () => {
    const now = (): number => noon;
    const utcPlus1 = await meter(octets("07EA0101040D000000FFC480"));
    assert.deepEqual(await utcPlus1.client.compareClock({ now }), {
      obisCode: obis,
      time: "2026-01-01T13:00:00+01:00",
      deviationMinutes: -60,
      clockStatus: 0x80,
      differenceMs: -12_400,
    });
    const unsaid = await meter(octets("07EA0101040D000EFF8000FF"));
    const reading = await unsaid.client.compareClock({ now });
    assert.deepEqual(reading, { obisCode: obis, time: "2026-01-01T13:00:14" }, "no zone, no difference");
    const told = await unsaid.client.compareClock({ now, deviationMinutes: -60 });
    assert.equal(told.differenceMs, 1_600);
    const zoned = await meter(octets("07EA0101040D000EFF8000FF"), { 3: data.long(-60) });
    assert.equal((await zoned.client.compareClock({ now })).differenceMs, 1_600);
    const summer = await meter(octets("07EA0101040E000EFF800080"), {
      3: data.long(-60),
      7: data.integer(60),
    });
    assert.equal((await summer.client.compareClock({ now })).differenceMs, 1_600);
    const counting = await meter(data.doubleLongUnsigned(noon / 1_000 - 0.4));
    assert.deepEqual(await counting.client.compareClock({ now }), {
      obisCode: obis,
      time: "2026-01-01T12:00:12Z",
      differenceMs: -400,
    });
  });

  const styles: readonly (readonly [string, Data, Partial<SetClockOptions>, string])[] = [
    [
      "all said, UTC+1, summer",
      octets("07E90101010D000005FFC481"),
      {},
      "octet-string 07EA0101040D000C28FFC480",
    ],
    ["hundredths always 0", octets("07E90101010D000000FFC400"), {}, "octet-string 07EA0101040D000C00FFC400"],
    [
      "no weekday, hundredths, deviation or status",
      octets("07E90101FF0D0000FF8000FF"),
      { deviationMinutes: 0 },
      "octet-string 07EA0101FF0C000CFF8000FF",
    ],
    [
      "the date-time type",
      data.dateTime(fromHex("07E90101FF0D0000FF000000")),
      {},
      "date-time 07EA0101FF0C000CFF000000",
    ],
    ["never set before", octets("FFFFFFFFFF000000FF0000FF"), {}, "octet-string 07EA0101FF0C000CFF0000FF"],
  ];
  for (const [name, shows, options, expected] of styles)
    it(`is set in the meter's style: ${name}`, async () => {
      const { set, written } = await meter(shows);
      const { after } = await set(options);
      assert.equal(written(), expected);
      assert.ok(Math.abs(after.differenceMs ?? Infinity) <= 500);
    });

  it("is written for the moment the request arrives", async () => {
    const { set, written } = await meter(octets("07E9010101000000FF000000"));
    let clock = noon;
    // Every look at the true time finds it two seconds later: a request takes as long.
    await set({ now: () => (clock += 2_000) });
    assert.equal(written(), "octet-string 07EA010104" + "0C0013" + "FF000000");
  });

  it("is shifted where the meter type says so, by at most fifteen minutes", async () => {
    const { set, shifts } = await meter(octets("07EA0101040C000A00000000"));
    await set({ method: "shift" });
    assert.deepEqual(shifts, [data.long(2)]);
    const far = await meter(octets("07EA0101040D000A00000000"));
    await assert.rejects(far.set({ method: "shift" }), { code: "LIMIT_EXCEEDED" });
    assert.deepEqual(far.shifts, []);
  });

  it("is left alone where its zone is not known, it shows no time, or the word is withdrawn", async () => {
    const before = "07EA0101040D000EFF8000FF";
    const { set, written } = await meter(octets(before));
    await assert.rejects(set(), { code: "NOT_CONFIGURED", field: "deviationMinutes" });
    const withdrawn = Promise.reject(new Error("withdrawn"));
    await assert.rejects(set({ deviationMinutes: 0, beforeSending: () => withdrawn }), /withdrawn/);
    assert.equal(written(), `octet-string ${before}`);
    const strange = await meter(data.null());
    await assert.rejects(strange.set(), { code: "TYPE_UNMATCHED" });
  });
});
