/** Random values of every declared type through A-XDR, and octets that the standard's types are on the wire. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Data, type TypeDescriptor, data, dataCodec, t } from "../../src/axdr/index.js";
import { decodeAll, encodeAll } from "../../src/bytes/codec.js";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import { DlmsError } from "../../src/core/errors.js";
import {
  attributeById,
  attributeType,
  classById,
  classes,
  disconnectControl,
  imageTransfer,
  pushSetup,
  scriptTable,
  securitySetup,
  tokenGateway,
} from "../../src/cosem/classes/index.js";
import {
  type AttributeName,
  type InterfaceClass,
  type MethodName,
  attributesOf,
  interfaceClass,
  methodsOf,
} from "../../src/cosem/interface-class.js";
import { parseObis } from "../../src/cosem/obis.js";
import { jsonValue } from "../../src/cosem/value.js";
import { arbitraryOf, checkDamaged } from "../support/check-codec.js";

/** A random value of the type, encoded, decoded and encoded again; and damaged. */
function roundTrip(type: TypeDescriptor): void {
  fc.assert(
    fc.property(arbitraryOf({ ...dataCodec, shape: type.shape }, 2), (drawn) => {
      const value = drawn as Data;
      assert.equal(type.check(value), undefined);
      const octets = encodeAll(dataCodec, value);
      const back = decodeAll(dataCodec, octets);
      assert.equal(type.check(back), undefined);
      assert.equal(toHex(encodeAll(dataCodec, back)), toHex(octets));
    }),
    { numRuns: 40 },
  );
  damaged(type);
}

/** What is left of a value after damage decodes or does not, and whatever it decodes to can be judged and shown. */
function damaged(type: TypeDescriptor): void {
  fc.assert(
    fc.property(arbitraryOf({ ...dataCodec, shape: type.shape }, 2), fc.nat(), (drawn, seed) => {
      const octets = encodeAll(dataCodec, drawn as Data);
      const spoil = (bytes: Uint8Array): void => {
        checkDamaged(dataCodec, bytes);
        try {
          const value = decodeAll(dataCodec, bytes);
          assert.ok(["string", "undefined"].includes(typeof type.check(value)));
          assert.equal(typeof jsonValue(value, { type }).valueType, "string");
        } catch (caught) {
          if (!(caught instanceof DlmsError)) throw caught;
        }
      };
      const step = Math.max(1, Math.floor(octets.length / 12));
      for (let at = seed % step; at < octets.length; at += step) {
        spoil(octets.subarray(0, at));
        spoil(octets.map((octet, i) => (i === at ? octet ^ (1 << ((seed + at) % 8)) : octet)));
      }
    }),
    { numRuns: 6 },
  );
}

describe("cosem/classes", () => {
  it("are found by number; what is not declared is not", () => {
    assert.equal(classById(2), undefined);
    assert.equal(attributeById(3, 9), undefined);
    assert.equal(attributeType(999, 2), undefined);
  });

  for (const declared of classes)
    describe(`${declared.classId} ${declared.name}`, () => {
      for (const attribute of attributesOf(declared))
        it(`carries attribute ${attribute.id} ${attribute.name}`, () => roundTrip(attribute.type));
      for (const method of methodsOf(declared)) {
        it(`carries the parameter of method ${method.id} ${method.name}`, () =>
          roundTrip(method.parameter ?? t.integer));
        const { returns } = method;
        if (returns) it(`carries what method ${method.id} ${method.name} returns`, () => roundTrip(returns));
      }
    });

  const wireTypes: readonly (readonly [number, number, string])[] = [
    [3, 3, "02 02 0F FF 16 23"],
    [4, 5, "09 0C 07 E5 0B 02 02 15 33 00 00 FF C4 00"],
    [5, 8, "06 00 00 03 84"],
    [5, 9, "12 00 0F"],
    [7, 3, "01 01 02 04 12 00 08 09 06 00 00 01 00 00 FF 0F 02 12 00 00"],
    [7, 4, "06 00 00 03 84"],
    [7, 5, "16 01"],
    [7, 7, "06 00 00 00 0A"],
    [8, 3, "10 FF C4"],
    [8, 4, "11 00"],
    [8, 7, "0F 3C"],
    [8, 8, "03 01"],
    [8, 9, "16 01"],
    [15, 3, "02 02 0F 10 12 00 01"],
    [15, 4, "02 07 11 02 11 10 12 02 F4 11 05 11 08 11 01 11 01"],
    [15, 5, "02 06 04 18 00 7E 1F 12 04 00 12 04 00 11 06 0F 00 09 00"],
    [15, 8, "16 02"],
    [17, 2, "01 01 02 02 12 00 01 09 03 41 42 43"],
    [22, 2, "02 02 09 06 00 00 0A 00 01 FF 12 00 01"],
    [22, 4, "01 01 02 02 09 04 00 00 00 00 09 05 FF FF FF 01 FF"],
    [23, 5, "12 00 80"],
    [6, 3, "01 01 02 02 09 01 54 01 02 11 01 11 02"],
    [9, 2, "01 01 02 02 12 00 01 01 01 02 05 16 02 12 00 46 09 06 00 00 60 03 0A FF 0F 01 0F 00"],
    [11, 2, "01 01 02 03 12 00 01 09 05 FF FF 0C 19 FF 11 02"],
    [12, 2, "01 01 02 04 10 FA 00 12 00 0C 11 00 09 06 00 00 28 00 00 FF"],
    [18, 2, "06 00 00 01 C2"],
    [18, 3, "04 03 A0"],
    [18, 6, "16 03"],
    [18, 7, "01 01 02 03 06 00 00 00 64 09 01 41 09 00"],
    [20, 3, "01 01 02 03 09 01 53 09 0C FF FF 03 1F 07 FF FF FF FF 80 00 00 09 01 57"],
    [21, 4, "01 01 02 02 02 02 09 06 00 00 0A 00 6A FF 12 00 01 02 02 09 06 00 00 0A 00 6A FF 12 00 02"],
    [28, 6, "02 02 11 01 11 02"],
    [29, 2, "16 65"],
    [40, 2, "01 01 02 04 12 00 28 09 06 00 00 19 09 00 FF 0F 02 12 00 00"],
    [40, 2, "01 01 02 06 12 00 07 09 06 01 00 63 01 00 FF 0F 02 12 00 00 02 02 16 00 00 01 00"],
    [40, 3, "02 03 16 00 09 09 31 2E 32 2E 33 2E 34 3A 35 16 00"],
    [40, 7, "12 00 3C"],
    [40, 7, "02 03 12 00 0A 12 00 02 12 02 58"],
    [40, 9, "0F 10"],
    [40, 12, "02 02 09 0C FF FF FF FF FF FF FF FF FF 80 00 FF 06 00 00 0E 10"],
    [41, 2, "12 0F DB"],
    [42, 3, "06 C0 A8 01 02"],
    [42, 8, "03 01"],
    [43, 2, "09 06 00 01 02 03 04 05"],
    [45, 3, "12 04 D2"],
    [47, 6, "02 04 06 00 00 00 01 12 00 02 11 14 11 00"],
    [48, 7, "09 10 20 01 0D B8 00 00 00 00 00 00 00 00 00 00 00 01"],
    [64, 2, "16 03"],
    [71, 2, "02 03 12 00 03 09 06 01 00 01 07 00 FF 0F 02"],
    [71, 6, "06 00 00 00 3C"],
    [71, 8, "02 03 12 00 01 09 0C 07 E8 06 0F 06 14 17 2D 00 FF 88 80 06 00 00 00 3C"],
    [72, 6, "06 01 02 03 04"],
    [72, 7, "12 2C 2D"],
    [70, 2, "03 01"],
    [70, 3, "16 02"],
    [111, 2, "02 02 16 02 16 02"],
    [111, 15, "02 03 0C 03 4E 47 4E 0F FE 16 02"],
    [112, 2, "05 00 00 03 E8"],
    [113, 13, "12 00 64"],
    [115, 6, "02 02 16 03 04 00"],
  ];
  for (const [classId, attributeId, hex] of wireTypes)
    it(`takes ${hex} as class ${classId} attribute ${attributeId}, and nothing else's`, () => {
      const type = attributeType(classId, attributeId);
      assert.ok(type);
      assert.equal(type.check(decodeAll(dataCodec, fromHex(hex))), undefined);
      assert.notEqual(type.check(data.dontCare()), undefined);
    });

  it("says which attributes a scaler_unit is for", () => {
    assert.equal(attributeById(3, 2)?.scaledBy, 3);
    assert.equal(attributeById(4, 2)?.scaledBy, 3);
    assert.equal(attributeById(5, 2)?.scaledBy, 4);
    assert.equal(attributeById(5, 3)?.scaledBy, 4);
    assert.equal(attributeById(5, 8)?.scaledBy, undefined);
    assert.deepEqual(attributeById(7, 2)?.selectors, [1, 2]);
  });

  const parameters: readonly (readonly [InterfaceClass, string, number, string])[] = [
    [scriptTable, "execute", 1, "12 00 01"],
    [imageTransfer, "imageTransferInitiate", 1, "02 02 09 01 41 06 00 00 00 64"],
    [imageTransfer, "imageBlockTransfer", 2, "02 02 06 00 00 00 00 09 02 41 42"],
    [imageTransfer, "imageVerify", 3, "0F 00"],
    [imageTransfer, "imageActivate", 4, "0F 00"],
    [pushSetup, "push", 1, "0F 00"],
    [securitySetup, "securityActivate", 1, "16 03"],
    [securitySetup, "keyTransfer", 2, "01 01 02 02 16 00 09 01 41"],
  ];
  for (const [declared, name, id, hex] of parameters)
    it(`calls ${declared.name} ${name} as method ${id} with ${hex}`, () => {
      const method = declared.methods[name];
      assert.equal(method?.id, id);
      assert.equal(method.parameter?.check(decodeAll(dataCodec, fromHex(hex))), undefined);
      assert.notEqual(method.parameter?.check(data.dontCare()), undefined);
    });

  it("disconnects by method 1 and reconnects by method 2, never the other way round", () => {
    const request = (method: { id: number; parameter: TypeDescriptor }): string => {
      const parameter = data.integer(0);
      assert.equal(method.parameter.check(parameter), undefined);
      const name = toHex(parseObis("0-0:96.3.10.255"), " ");
      const octets = (value: number): string => toHex(Uint8Array.of(value >> 8, value & 0xff), " ");
      const id = toHex(Uint8Array.of(method.id));
      const body = toHex(encodeAll(dataCodec, parameter), " ");
      return `C3 01 C1 ${octets(disconnectControl.classId)} ${name} ${id} 01 ${body}`;
    };
    const { remoteDisconnect, remoteReconnect } = disconnectControl.methods;
    assert.equal(request(remoteDisconnect), "C3 01 C1 00 46 00 00 60 03 0A FF 01 01 0F 00");
    assert.equal(request(remoteReconnect), "C3 01 C1 00 46 00 00 60 03 0A FF 02 01 0F 00");
    assert.deepEqual(disconnectControl.attributes.controlState.type.codes, {
      disconnected: 0,
      connected: 1,
      "ready-for-reconnection": 2,
    });
  });

  it("knows 3 as the only success of a token", () => {
    const codes = tokenGateway.attributes.tokenStatus.type.fields?.statusCode?.codes ?? {};
    assert.equal(codes["token-execution-ok"], 3);
    assert.deepEqual(
      Object.values(codes),
      Array.from({ length: 9 }, (_, code) => code),
    );
    assert.equal(tokenGateway.methods.enter.id, 1);
    assert.equal(tokenGateway.methods.enter.parameter.check(data.octetString(new Uint8Array(10))), undefined);
    assert.match(tokenGateway.methods.enter.parameter.check(data.visibleString("1")) ?? "", /octet-string/);
  });

  it("gives names as types and refuses a declaration whose ids clash", () => {
    const attribute: AttributeName<typeof disconnectControl> = "controlState";
    const method: MethodName<typeof disconnectControl> = "remoteReconnect";
    assert.equal(disconnectControl.attributes[attribute].id + disconnectControl.methods[method].id, 5);
    assert.throws(() =>
      interfaceClass({
        classId: 9_999,
        version: 0,
        name: "x",
        attributes: { again: { id: 1, type: t.any } },
      }),
    );
  });
});
