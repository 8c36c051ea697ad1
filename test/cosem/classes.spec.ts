/** Class declarations against the standard's numbers, and random values of every declared type through A-XDR. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Data, type TypeDescriptor, data, dataCodec, t } from "../../src/axdr/index.js";
import { decodeAll, encodeAll } from "../../src/bytes/codec.js";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import {
  attributeById,
  attributeType,
  classById,
  classes,
  disconnectControl,
  tokenGateway,
} from "../../src/cosem/classes/index.js";
import {
  type AttributeName,
  type MethodName,
  attributesOf,
  interfaceClass,
  methodsOf,
} from "../../src/cosem/interface-class.js";
import { parseObis } from "../../src/cosem/obis.js";
import { arbitraryOf } from "../support/check-codec.js";

/** class: version, name; attributes from 2, methods from 1, in the standard's order. */
const standard: Record<number, readonly [number, string, string, string]> = {
  1: [0, "Data", "value", ""],
  3: [0, "Register", "value scalerUnit", "reset"],
  4: [0, "Extended register", "value scalerUnit status captureTime", "reset"],
  5: [
    0,
    "Demand register",
    "currentAverage lastAverage scalerUnit status captureTime startTimeCurrent period numberOfPeriods",
    "reset nextPeriod",
  ],
  7: [
    1,
    "Profile generic",
    "buffer captureObjects capturePeriod sortMethod sortObject entriesInUse profileEntries",
    "reset capture",
  ],
  8: [
    0,
    "Clock",
    "time timeZone status daylightSavingsBegin daylightSavingsEnd daylightSavingsDeviation daylightSavingsEnabled clockBase",
    "adjustToQuarter adjustToMeasuringPeriod adjustToMinute adjustToPresetTime presetAdjustingTime shiftTime",
  ],
  15: [
    3,
    "Association LN",
    "objectList associatedPartnersId applicationContextName xdlmsContextInfo authenticationMechanismName secret " +
      "associationStatus securitySetupReference userList currentUser",
    "replyToHlsAuthentication changeHlsSecret addObject removeObject addUser removeUser",
  ],
  17: [0, "SAP assignment", "sapAssignmentList", "connectLogicalDevice"],
  22: [0, "Single action schedule", "executedScript type executionTime", ""],
  23: [
    1,
    "IEC HDLC setup",
    "commSpeed windowSizeTransmit windowSizeReceive maxInfoFieldLengthTransmit maxInfoFieldLengthReceive " +
      "interOctetTimeout inactivityTimeout deviceAddress",
    "",
  ],
  70: [0, "Disconnect control", "outputState controlState controlMode", "remoteDisconnect remoteReconnect"],
  111: [
    0,
    "Account",
    "accountModeAndStatus currentCreditInUse currentCreditStatus availableCredit amountToClear clearanceThreshold " +
      "aggregatedDebt creditReferenceList chargeReferenceList creditChargeConfiguration tokenGatewayConfiguration " +
      "activationTime closureTime currency lowCreditThreshold nextCreditAvailableThreshold maxProvision " +
      "maxProvisionPeriod",
    "activateAccount closeAccount resetAccount",
  ],
  112: [
    0,
    "Credit",
    "currentCreditAmount creditType priority warningThreshold limit creditConfiguration creditStatus " +
      "presetCreditAmount creditAvailableThreshold period",
    "updateAmount setAmountToValue invokeCredit",
  ],
  113: [
    0,
    "Charge",
    "totalAmountPaid chargeType priority unitChargeActive unitChargePassive unitChargeActivationTime period " +
      "chargeConfiguration lastCollectionTime lastCollectionAmount totalAmountRemaining proportion",
    "updateUnitCharge activatePassiveUnitCharge collect updateTotalAmountRemaining setTotalAmountRemaining",
  ],
  115: [0, "Token gateway", "token tokenTime tokenDescription tokenDeliveryMethod tokenStatus", "enter"],
};

const names = (text: string): string[] => text.split(" ").filter(Boolean);

/** A random value of the type, encoded, decoded and encoded again. */
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
}

describe("cosem/classes", () => {
  it("are the fifteen, each found by its number", () => {
    assert.deepEqual(
      classes.map((declared) => declared.classId),
      Object.keys(standard).map(Number),
    );
    for (const declared of classes) assert.equal(classById(declared.classId), declared);
    assert.equal(classById(2), undefined);
    assert.equal(attributeById(3, 9), undefined);
    assert.equal(attributeType(999, 2), undefined);
  });

  for (const declared of classes) {
    const [version, name, attributes, methods] = standard[declared.classId] ?? [-1, "", "", ""];
    describe(`${declared.classId} ${name}`, () => {
      it("has the standard's members", () => {
        assert.equal(declared.name, name);
        assert.equal(declared.version, version);
        assert.deepEqual(
          attributesOf(declared).map((attribute) => [attribute.id, attribute.name]),
          ["logicalName", ...names(attributes)].map((attribute, i) => [i + 1, attribute]),
        );
        assert.deepEqual(
          methodsOf(declared).map((method) => [method.id, method.name]),
          names(methods).map((method, i) => [i + 1, method]),
        );
      });
      for (const attribute of attributesOf(declared))
        it(`carries attribute ${attribute.id} ${attribute.name}`, () => roundTrip(attribute.type));
      for (const method of methodsOf(declared))
        it(`carries the parameter of method ${method.id} ${method.name}`, () =>
          roundTrip(method.parameter ?? t.integer));
    });
  }

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
