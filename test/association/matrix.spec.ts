/**
 * Our client against our server, over every combination of framing, mechanism, address length, chunking, information
 * field and PDU size: the same requests come to the same values, whatever carried them.
 */
import assert from "node:assert/strict";
import { data, type Data } from "../../src/axdr/index.js";
import { DlmsError } from "../../src/core/errors.js";
import { Secret } from "../../src/core/secret.js";
import { type HdlcAddress } from "../../src/hdlc/index.js";
import { byteByByte, type Chop, whole } from "../support/chop.js";
import { SessionPair } from "../support/session-pair.js";

interface Row {
  readonly name: string;
  readonly framing: "hdlc" | "wrapper";
  readonly mechanism: "none" | "lls";
  readonly server: HdlcAddress;
  readonly chop: Chop;
  readonly information?: number;
  readonly pdu: number;
}

const addresses: readonly HdlcAddress[] = [
  { upper: 1, octets: 1 },
  { upper: 1, lower: 17, octets: 2 },
  { upper: 1, lower: 8964, octets: 4 },
];
const chops: readonly (readonly [string, Chop])[] = [
  ["whole", whole],
  ["octet by octet", byteByByte],
];
const framings = [
  ...addresses.flatMap((server) =>
    [128, 2030].map((information) => ({ framing: "hdlc" as const, server, information })),
  ),
  { framing: "wrapper" as const, server: { upper: 1, octets: 1 } as const },
];

const rows: readonly Row[] = framings.flatMap((link) =>
  (["none", "lls"] as const).flatMap((mechanism) =>
    chops.flatMap(([how, chop]) =>
      [100, 65_535].map((pdu): Row => {
        const octets =
          link.framing === "hdlc"
            ? `, ${link.server.octets}-octet address, fields of ${link.information}`
            : "";
        return {
          ...link,
          mechanism,
          chop,
          pdu,
          name: `${link.framing}${octets}, ${mechanism}, ${how}, PDUs of ${pdu}`,
        };
      }),
    ),
  ),
);

const energy = { classId: 3, obis: "1-0:1.8.0.255", attributeId: 2 };
const scaler = { ...energy, attributeId: 3 };
const unknown = { classId: 3, obis: "1-0:99.99.0.255", attributeId: 2 };
const list = { classId: 1, obis: "0-0:96.1.5.255", attributeId: 2 };
const gateway = { classId: 115, obis: "0-0:19.40.0.255", methodId: 1 };
const long = data.octetString(Uint8Array.from({ length: 700 }, (_, i) => i & 0xff));
const rowsOf = (n: number): Data =>
  data.array(
    Array.from({ length: n }, (_, i) =>
      data.structure([data.longUnsigned(i), data.visibleString(`row ${i}`)]),
    ),
  );

describe("our client against our server", () => {
  it("covers the whole matrix", () => assert.equal(rows.length, 7 * 2 * 2 * 2));

  for (const row of rows)
    it(row.name, async () => {
      const pair = served(row);
      const client = pair.client();
      const info = await client.associate();
      assert.equal(info.mechanism, row.mechanism);
      assert.equal(info.maxSendPdu, row.pdu);
      if (row.information !== undefined) assert.equal(info.link.maxInfoTransmit, row.information);

      assert.deepEqual(await client.get(energy), data.doubleLongUnsigned(123_456_789));
      assert.deepEqual(await client.get(list), rowsOf(60));
      const [first, second, third] = await client.getMany([scaler, unknown, list]);
      assert.deepEqual(first, data.structure([data.integer(-2), data.enum(30)]));
      assert.ok(second instanceof DlmsError && second.code === "OBJECT_UNDEFINED");
      assert.deepEqual(third, rowsOf(60));

      await client.set(list, long);
      assert.deepEqual(await client.get(list), long);
      assert.deepEqual(
        await client.setMany([
          { ...list, data: rowsOf(50) },
          { ...energy, data: data.unsigned(7) },
        ]),
        [undefined, undefined],
      );
      assert.deepEqual(await client.get(list), rowsOf(50));
      assert.deepEqual(await client.get(energy), data.unsigned(7));

      // A long parameter and a long return value: blocks in both directions.
      assert.deepEqual(await client.action(gateway, long), data.structure([long, data.unsigned(1)]));
      assert.equal(await client.action({ ...gateway, methodId: 2 }), undefined);
      const actions = [
        { ...gateway, parameters: long },
        { ...gateway, methodId: 2 },
        { ...gateway, methodId: 9 },
      ];
      const [echoed, nothing, refused] = await client.actionMany(actions);
      assert.deepEqual(echoed, data.structure([long, data.unsigned(2)]));
      assert.equal(nothing, undefined);
      assert.ok(refused instanceof DlmsError && refused.code === "OBJECT_UNDEFINED");

      // Nothing was larger than agreed: frame and wrapper headers take at most 26 octets beside a PDU.
      const longest = Math.max(...pair.sent.map(({ bytes }) => bytes.length));
      assert.ok(
        longest <= Math.min(row.information ?? row.pdu, row.pdu) + 26,
        `${longest} octets in one chunk`,
      );
      assert.equal(longest > 500, row.pdu > 500 && row.information !== 128);

      await client.release();
      assert.equal(client.association, undefined);
    });
});

function served(row: Row) {
  const secret = new Secret(Uint8Array.from([0x31, 0x32, 0x33]));
  const pair = new SessionPair({
    framing: row.framing,
    server: row.server,
    ...(row.information === undefined ? {} : { information: row.information }),
    clientOptions: { mechanism: row.mechanism, secret, maxReceivePdu: row.pdu },
    serverOptions: { accept: [{ mechanism: row.mechanism, secret }], maxReceivePdu: row.pdu },
  });
  pair.wire = (chunk) => row.chop(chunk);
  const { store } = pair;
  store.put(3, energy.obis, 2, data.doubleLongUnsigned(123_456_789));
  store.put(3, energy.obis, 3, data.structure([data.integer(-2), data.enum(30)]));
  store.put(1, list.obis, 2, rowsOf(60));
  let calls = 0;
  store.methods.set(`115/${gateway.obis}/1`, (parameters = data.null()) => ({
    result: "success",
    returnParameters: { type: "data", data: data.structure([parameters, data.unsigned(++calls)]) },
  }));
  store.methods.set(`115/${gateway.obis}/2`, () => ({ result: "success" }));
  return pair;
}
