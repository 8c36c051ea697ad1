/** Long profiles: in parts by time or by entry, the last rows, and halved where the meter says that it was too much. */
import assert from "node:assert/strict";
import {
  type ServerOptions,
  type ServiceResponse,
  supportedConformance,
} from "../../src/association/index.js";
import { type Data, data, encodeDateTime, fromDate } from "../../src/axdr/index.js";
import { columnData, instantOf, parseSelection } from "../../src/cosem/selective-access.js";
import { SessionPair } from "../support/session-pair.js";

const profile = "1-0:99.1.0.255";
const start = Date.UTC(2026, 0, 1);
const PERIOD_S = 900;
const columns = [
  { classId: 8, obis: "0-0:1.0.0.255", attributeId: 2, dataIndex: 0 },
  { classId: 1, obis: "0-0:96.8.0.255", attributeId: 2, dataIndex: 0 },
];
const stamp = (at: number): Data => data.octetString(encodeDateTime(fromDate(new Date(at), 0)));
const iso = (row: number): string =>
  new Date(start + row * PERIOD_S * 1_000).toISOString().slice(0, 19) + "Z";

interface Meter {
  readonly rows: number;
  /** More rows than this in one answer are refused. */
  readonly takes?: number;
  readonly sortMethod?: number;
  readonly serverOptions?: Partial<ServerOptions>;
}

/** A meter with rows 0, 1, 2 … a quarter of an hour apart, the oldest first. */
async function meter({ rows, takes = Infinity, sortMethod = 1, serverOptions = {} }: Meter) {
  const pair = new SessionPair({ framing: "wrapper", serverOptions });
  const all = Array.from({ length: rows }, (_, i) =>
    data.structure([stamp(start + i * PERIOD_S * 1_000), data.doubleLongUnsigned(i)]),
  );
  if (sortMethod === 2) all.reverse();
  const asked: string[] = [];
  const answer = pair.store.answer.bind(pair.store);
  pair.store.answer = (request): ServiceResponse => {
    const [item] = request.type === "get" ? request.items : [];
    if (item?.attribute.classId !== 7 || item.attribute.attributeId !== 2) return answer(request);
    const chosen = choose(all, item.selection);
    asked.push(`${item.selection?.selector ?? 0}:${chosen.length}`);
    return {
      type: "get",
      results: [
        chosen.length > takes
          ? { type: "data-access-error", error: "data-block-unavailable" }
          : { type: "data", data: data.array(chosen) },
      ],
    };
  };
  pair.store.put(7, profile, 3, data.array(columns.map(columnData)));
  pair.store.put(7, profile, 4, data.doubleLongUnsigned(PERIOD_S));
  pair.store.put(7, profile, 5, data.enum(sortMethod));
  pair.store.put(7, profile, 7, data.doubleLongUnsigned(rows));
  pair.store.put(8, "0-0:1.0.0.255", 2, stamp(start));
  const client = pair.client();
  await client.associate();
  const numbers = async (request: object): Promise<unknown[]> =>
    (await client.readProfile({ obis: profile, ...request })).rows.map((row) => row["0-0:96.8.0.255"]);
  return { numbers, asked };
}

function choose(all: readonly Data[], selection: Parameters<typeof parseSelection>[0] | undefined): Data[] {
  if (selection === undefined) return [...all];
  const parsed = parseSelection(selection);
  if (parsed.type === "by-entry") return all.slice(parsed.fromEntry - 1, parsed.toEntry || undefined);
  const from = instantOf(parsed.from) ?? 0;
  const to = instantOf(parsed.to) ?? 0;
  return all.filter((row) => {
    const at = row.type === "structure" ? (instantOf(row.value[0] as Data) ?? 0) : 0;
    return at >= from && at <= to;
  });
}

const upTo = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

describe("long profiles", () => {
  it("the last rows, of a buffer with the oldest or the newest first", async () => {
    const oldestFirst = await meter({ rows: 40 });
    assert.deepEqual(await oldestFirst.numbers({ last: 3 }), [37, 38, 39]);
    assert.deepEqual(oldestFirst.asked, ["2:3"], "only these rows travelled");
    assert.deepEqual(await oldestFirst.numbers({ last: 100 }), upTo(0, 39));
    const newestFirst = await meter({ rows: 40, sortMethod: 2 });
    assert.deepEqual(await newestFirst.numbers({ last: 3 }), [39, 38, 37]);
    const empty = await meter({ rows: 0 });
    assert.deepEqual(await empty.numbers({ last: 3 }), []);
    const plain = await meter({
      rows: 40,
      serverOptions: { conformance: new Set(["get", "block-transfer-get"]) },
    });
    assert.deepEqual(await plain.numbers({ last: 3 }), [37, 38, 39]);
    assert.deepEqual(plain.asked, ["0:40"], "a meter that cannot choose sends all");
  });

  it("a range by windows of as many rows as the meter takes, each row once", async () => {
    const { numbers, asked } = await meter({ rows: 100 });
    assert.deepEqual(await numbers({ from: iso(10), to: iso(59), rowsPerRequest: 20 }), upTo(10, 59));
    assert.deepEqual(asked, ["1:20", "1:20", "1:10"]);
  });

  it("entries in parts", async () => {
    const { numbers, asked } = await meter({ rows: 100 });
    assert.deepEqual(await numbers({ entries: { from: 11, to: 60 }, rowsPerRequest: 20 }), upTo(10, 59));
    assert.deepEqual(asked, ["2:20", "2:20", "2:10"]);
    assert.deepEqual(await numbers({ entries: { from: 91 }, rowsPerRequest: 6 }), upTo(90, 99));
  });

  it("halves what was too much, by time, by entry and for the whole buffer", async () => {
    const byTime = await meter({ rows: 100, takes: 30 });
    assert.deepEqual(await byTime.numbers({ from: iso(0), to: iso(99) }), upTo(0, 99));
    assert.deepEqual(byTime.asked.slice(0, 3), ["1:100", "1:50", "1:25"]);
    const open = await meter({ rows: 100, takes: 30 });
    assert.deepEqual(await open.numbers({ from: iso(50) }), upTo(50, 99));
    const byEntry = await meter({ rows: 100, takes: 30 });
    assert.deepEqual(await byEntry.numbers({ entries: { from: 1 } }), upTo(0, 99));
    const whole = await meter({ rows: 100, takes: 30 });
    assert.deepEqual(await whole.numbers({}), upTo(0, 99));
  });

  it("fits the answers into one PDU where the meter sends no blocks", async () => {
    const conformance = new Set(supportedConformance);
    conformance.delete("block-transfer-get");
    const { numbers, asked } = await meter({ rows: 60, serverOptions: { conformance, maxSendPdu: 300 } });
    assert.deepEqual(await numbers({ from: iso(0), to: iso(59) }), upTo(0, 59));
    assert.ok(asked.length > 3, asked.join());
    assert.deepEqual(await numbers({ last: 30 }), upTo(30, 59));
  });

  it("gives up where one row alone is refused, and names a request that asks for two things", async () => {
    const { numbers, asked } = await meter({ rows: 4, takes: 0 });
    await assert.rejects(numbers({ entries: { from: 1, to: 4 } }), { code: "SERVICE_REFUSED" });
    assert.ok(asked.length <= 4, asked.join());
    await assert.rejects(numbers({ last: 2, from: iso(0) }), { code: "FIELD_INVALID", field: "last" });
    await assert.rejects(numbers({ last: 0 }), { code: "FIELD_INVALID", field: "last" });
  });
});
