/** What the fuzzer found, as rules of their own: bounds on work and forms that used to throw. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { Server } from "socket.io";
import { data, dataCodec } from "../../src/axdr/index.js";
import { decodeAll, inspectAll } from "../../src/bytes/codec.js";
import { Tracer } from "../../src/bytes/inspect.js";
import { Reader } from "../../src/bytes/reader.js";
import { concatBytes, fromHex } from "../../src/bytes/hex.js";
import { completeRows } from "../../src/client/profile-rows.js";
import { searchObis } from "../../src/cosem/dictionary/index.js";
import { clockColumn } from "../../src/cosem/selective-access.js";
import { DecodeError } from "../../src/core/errors.js";
import { readKeyList } from "../../src/gateway/keys/key-list.js";
import { Splitter } from "../../src/gateway/splitter.js";
import { Watches } from "../../src/gateway/watches.js";
import { HesApi } from "../../src/hes/api.js";
import { HesConnection } from "../../src/hes/connection.js";
import { type HttpAnswer, type HttpRequest } from "../../src/hes/http.js";
import { Login } from "../../src/hes/login.js";
import { FrameCutter } from "../../src/inspect/index.js";
import {
  dialects,
  type Dialect,
  hexcellLogin,
  patternDialect,
} from "../../src/meter-types/dialects/index.js";
import { presets } from "../../src/meter-types/presets.js";
import { systemClock } from "../../src/transport/clock.js";
import { Bench, until } from "../gateway/bench.js";
import { SessionPair } from "../support/session-pair.js";

const energy = { classId: 3, instanceId: fromHex("0100010800FF"), attributeId: 2 };

describe("hostile input: decoders", () => {
  it("refuse a compact array whose rows have thousands of parts", () => {
    const parts = 3_000;
    const octets = concatBytes(
      Uint8Array.of(19, 2, 0x82, parts >> 8, parts & 0xff, 17),
      new Uint8Array(parts - 1),
      fromHex("040A0B0C0D"),
    );
    assert.throws(() => decodeAll(dataCodec, octets), /more than 2048 parts/);
  });

  it("make no more of empty columns than of a few octets each once there are many", () => {
    const columns = 200;
    const octets = concatBytes(
      Uint8Array.of(19, 2, 0x81, columns, 17),
      new Uint8Array(columns - 1),
      Uint8Array.of(0x82, 0x20, 0x00),
      new Uint8Array(0x2000),
    );
    assert.throws(() => decodeAll(dataCodec, octets), /more elements than the contents can hold/);
  });

  it("name the place of an error without keeping a table", () => {
    const octets = fromHex("0202 0F01 0203 1101 63 00");
    const told = inspectAll(dataCodec, octets).error as DecodeError;
    assert.throws(() => decodeAll(dataCodec, octets), { message: told.message, path: told.path });
    assert.match(told.path, /structure\[1\]/);
    const tracer = new Tracer(false);
    assert.throws(() => dataCodec.decode(new Reader(octets, 0, octets.length, tracer)), DecodeError);
    assert.equal(tracer.root.children.length, 0);
  });

  it("fill up no profile of millions of values that were never sent", () => {
    const rows = Array.from({ length: 5_000 }, () => []);
    const columns = Array.from({ length: 1_000 }, () => clockColumn);
    assert.throws(() => completeRows(rows, columns, 900), { code: "LIMIT_EXCEEDED" });
    assert.equal(completeRows([[data.unsigned(1)], []], [{ ...clockColumn, classId: 1 }], 0).length, 2);
  });
});

describe("hostile input: links", () => {
  it("noise goes on in one piece, however much there is, and a login behind it is still found", () => {
    const login = dialects[0]?.build?.("046000000001") as Uint8Array;
    const pieces = new Splitter(dialects).push(concatBytes(new Uint8Array(20_000).fill(0xff), login));
    assert.deepEqual(
      pieces.map(({ type }) => type),
      ["link", "login"],
    );
  });

  it("a costly dialect is looked for at a few places of what arrived, a cheap one at all", () => {
    const asked = { costly: 0, cheap: 0 };
    const watched = (name: "costly" | "cheap"): Dialect => ({
      name,
      opening: "login",
      link: { framing: "auto", delayMs: 0 },
      ...(name === "costly" ? { costly: true } : {}),
      recognise: () => {
        asked[name]++;
        return { state: "no" };
      },
    });
    const splitter = new Splitter([watched("costly"), watched("cheap")]);
    splitter.push(new Uint8Array(1_000).fill(0xff));
    assert.deepEqual(asked, { costly: 16, cheap: 1_000 });
    splitter.push(new Uint8Array(5).fill(0xff));
    assert.equal(asked.costly, 21);
    const regex = patternDialect({ name: "mine", match: { regex: "ID=(\\d+);" } });
    assert.equal(regex.costly, true);
  });

  it("an expression looks at fewer octets the more it can try", () => {
    const looksAt = (regex: string): number => {
      const dialect = patternDialect({ name: "mine", match: { regex } });
      let octets = 1;
      while (dialect.recognise?.(new Uint8Array(octets).fill(0x7a), false).state === "partial") octets++;
      return octets;
    };
    assert.equal(looksAt("[a-y]\\d+#"), 256);
    assert.ok(looksAt("[a-y][a-z]*[a-z]*[a-z]*#") < 128);
    assert.throws(() => patternDialect({ name: "mine", match: { regex: "a?b?c?d?e?f?.*.*.*#" } }), {
      code: "FIELD_INVALID",
      field: "match.regex",
    });
  });

  it("flags without end are one frame to those who watch", () => {
    const frames = new FrameCutter().push(0, new Uint8Array(5_000).fill(0x7e));
    assert.deepEqual(
      frames.map(({ length }) => length),
      [4_999],
    );
  });

  it("who watches sees the first hundred frames of one piece and how many more there were", () => {
    const link = { id: "1", serial: "46000000001", meterType: presets.hexcell };
    const watches = new Watches<typeof link>({ now: () => 0, epochMs: () => 0, at: () => () => undefined });
    const told: string[] = [];
    watches.watch(link.serial, ({ direction, summary }) => told.push(`${direction} ${summary}`));
    const pdu = fromHex("0001 0010 0001 0000");
    watches.passed(link, "in", concatBytes(...Array.from({ length: 3_000 }, () => pdu)));
    assert.equal(told.length, 101);
    assert.match(told[100] as string, /^note 2900 more frames/);
  });
});

describe("hostile input: sessions", () => {
  it("an answer to a peer that is gone is let fall, not thrown", () => {
    const pair = new SessionPair({ framing: "wrapper" });
    const answers: (() => void)[] = [];
    const { respond } = pair;
    pair.respond = (id, request) => void answers.push(() => respond(id, request));
    pair.sendA({ type: "associate" });
    pair.sendA({ type: "request", id: 1, request: { type: "get", items: [{ attribute: energy }] } });
    assert.equal(answers.length, 1);
    pair.sendB({ type: "abort" });
    answers.forEach((answer) => answer());
    assert.throws(() => pair.sendB({ type: "release" }), { code: "NOT_CONNECTED" });
  });

  it("each login that comes while the one before is being looked into wins over it", async () => {
    const bench = await new Bench({
      dialects: [patternDialect({ name: "hello", match: { hex: "FE FE" } }), ...dialects],
      times: { silenceMs: 5_000, probeTimeoutMs: 5_000 },
    }).open();
    try {
      const channel = await bench.connect();
      channel.write(fromHex("FEFE"));
      await until(
        () => bench.meterEvents.some(({ event }) => event === "connected"),
        "the link is looked into",
      );
      await new Promise((resolve) => setTimeout(resolve, 100));
      channel.write(hexcellLogin.build?.("046000000001") as Uint8Array);
      const { dialect } = await bench.event("identified");
      assert.equal(dialect, "hexcell-login");
      assert.ok(!bench.logs.some(({ text }) => /aborted/.test(text)));
    } finally {
      await bench.close();
    }
  });
});

describe("hostile input: the backend", () => {
  const odd = ["2", "2[1]", "3", "30", "4"];
  for (const packet of odd)
    it(`a Socket.IO packet without its data ends the connection, not the process: ${packet}`, async () => {
      const http = createServer();
      const io = new Server(http);
      let connections = 0;
      io.on("connection", (socket) => {
        if (++connections === 1) socket.conn.write(packet);
      });
      await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
      const ups: string[] = [];
      const connection = new HesConnection({
        url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
        clock: systemClock,
        gateway: "g",
        token: () => Promise.resolve(undefined),
        onDenied: () => undefined,
        onEvent: (name) => void ups.push(`event ${name}`),
        onUp: () => void ups.push("up"),
        onDown: ({ code }) => {
          ups.push(code);
          if (connections === 1) connection.open();
        },
      });
      try {
        connection.open();
        await until(() => ups.length === 3, "the connection comes back");
        assert.deepEqual(ups, ["up", "BACKEND_UNREACHABLE", "up"]);
      } finally {
        connection.close();
        http.closeAllConnections();
        await io.close();
      }
    });

  it("a serial number with half a character is looked up like any other", async () => {
    const asked: string[] = [];
    const request = ({ url }: HttpRequest): Promise<HttpAnswer> => {
      asked.push(url);
      return Promise.resolve({ status: 200, json: { data: [] } });
    };
    const times = { retryMinMs: 1_000, retryMaxMs: 1_000 };
    const deps = { request, clock: systemClock, random: () => 0 };
    const login = new Login({ apiUrl: "http://h/api", ...times }, { ...deps, onState: () => undefined });
    const held = { positiveMs: 1, negativeMs: 1, unavailableMs: 1, parallelLookups: 1, lookupsPerSecond: 10 };
    const { result } = await new HesApi({ apiUrl: "http://h/api", ...held }, { ...deps, login }).lookup(
      "4\ud8006",
    );
    assert.equal(result.type, "unknown");
    assert.equal(asked[0], "http://h/api/meters/4%EF%BF%BD6");
  });
});

describe("hostile input: settings and texts", () => {
  const wrong: [string, unknown][] = [
    ["pattern", null],
    ["match", { name: "mine" }],
    ["match", { name: "mine", match: "8EA1" }],
    ["match", { name: "mine", match: { hex: 5 } }],
    ["reply", { name: "mine", match: { hex: "8EA1" }, reply: null }],
    ["id", { name: "mine", match: { hex: "8EA1" }, id: null }],
    ["id.coding", { name: "mine", match: { hex: "8EA1" }, id: { offset: 0, length: 2, coding: "BCD" } }],
    [
      "id.strip",
      { name: "mine", match: { hex: "8EA1" }, id: { offset: 0, length: 2, coding: "bcd", strip: 0 } },
    ],
  ];
  for (const [field, declaration] of wrong)
    it(`a pattern is refused by the name of its field: ${JSON.stringify(declaration)}`, () => {
      assert.throws(() => patternDialect(declaration as never), { code: "FIELD_INVALID", field });
    });

  it("a search takes any text", () => {
    for (const text of ["-0", ":", "a/b", "[", "\\", "1-0:", "energy -", "\ud800", "9".repeat(1_000_000)])
      assert.ok(Array.isArray(searchObis(text)));
    assert.ok(searchObis("active energy").length > 0);
  });

  it("a key list with an endless line is refused by its number", async () => {
    const text = `meterSerialNumber,secret\n1,${'"'.repeat(1_000_000)}`;
    await assert.rejects(readKeyList(text, undefined), { code: "KEY_LIST_INVALID", message: /^Line 2 / });
  });
});
