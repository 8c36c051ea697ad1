/**
 * The declared interface classes against a transcription of the standard's tables that was made without them
 * (data/classes-transcribed.json): nothing missing, nothing extra, no number or version off.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { classById, classes } from "../../src/cosem/classes/index.js";
import { attributesOf, methodsOf } from "../../src/cosem/interface-class.js";
import { namedClasses } from "../../src/tools/class-notes.js";

type Members = Readonly<Record<string, string>>;

interface TranscribedClass {
  readonly classId: number;
  /** `1` or `0-2` */
  readonly versions: string;
  readonly name: string;
  readonly attributes: Members;
  readonly methods: Members;
  readonly since?: { readonly attributes: Record<string, number>; readonly methods: Record<string, number> };
  /** Hexadecimal. */
  readonly methodOffset?: string;
}

const transcribed = JSON.parse(readFileSync(join(__dirname, "data", "classes-transcribed.json"), "utf8")) as {
  readonly classes: readonly TranscribedClass[];
  readonly named: Members;
};

/** The tables shorten names; ours are written out. Class by class: printed name, then ours. */
const writtenOut: Readonly<Record<number, string>> = {
  8:
    "dst_begin daylightSavingsBegin, dst_end daylightSavingsEnd, dst_deviation daylightSavingsDeviation, " +
    "dst_enabled daylightSavingsEnabled, to_measuring_period adjustToMeasuringPeriod, to_minute adjustToMinute, " +
    "to_preset_time adjustToPresetTime",
  12:
    "getlist_by_classid getListByClassId, getobj_by_ln getObjectByLogicalName, read_by_ln readByLogicalName, " +
    "get_attrs&methods getAttributesAndMethods, change_LLS changeLlsSecret, change_HLS changeHlsSecret, " +
    "reply_to_HLS replyToHlsAuthentication",
  15: "reply_to_HLS replyToHlsAuthentication",
  17: "list sapAssignmentList",
  18:
    "transferred_blocks_status imageTransferredBlocksStatus, first_not_transferred " +
    "imageFirstNotTransferredBlockNumber, transfer_enabled imageTransferEnabled, status imageTransferStatus, " +
    "initiate imageTransferInitiate, block_transfer imageBlockTransfer, verify imageVerify, activate imageActivate",
  19: "prop_baud proposedBaud, device_addr deviceAddress, pass_p1 passwordP1, pass_p2 passwordP2, pass_w5 passwordW5",
  20:
    "name_active calendarNameActive, season_active seasonProfileActive, week_active weekProfileTableActive, " +
    "day_active dayProfileTableActive, name_passive calendarNamePassive, season_passive seasonProfilePassive, " +
    "week_passive weekProfileTablePassive, day_passive dayProfileTablePassive, activate_passive_time " +
    "activatePassiveCalendarTime, activate_passive activatePassiveCalendar",
  23:
    "window_tx windowSizeTransmit, window_rx windowSizeReceive, max_info_tx maxInfoFieldLengthTransmit, " +
    "max_info_rx maxInfoFieldLengthReceive",
  27: "speed commSpeed, init_strings initializationString, profile modemProfile",
  28: "calls numberOfCalls, rings numberOfRings, allowed_callers listOfAllowedCallers",
  41: "MSS maximumSegmentSize, nb_of_sim_conn numberOfSimultaneousConnections",
  42:
    "DL_reference dataLinkLayerReference, IP ipAddress, multicast multicastIpAddress, subnet subnetMask, gateway " +
    "gatewayIpAddress, primary_DNS primaryDnsAddress, secondary_DNS secondaryDnsAddress, add_mc " +
    "addMulticastIpAddress, delete_mc deleteMulticastIpAddress, get_nbof_mc getNumberOfMulticastIpAddresses",
  43: "MAC macAddress",
  44: "PHY_reference physicalLayerReference",
  48:
    "DL_reference dataLinkLayerReference, unicast unicastIpAddresses, multicast multicastIpAddresses, gateway " +
    "gatewayIpAddresses, primary_DNS primaryDnsAddress, secondary_DNS secondaryDnsAddress, neighbor_discovery " +
    "neighborDiscoverySetup, add addIpAddress, remove removeIpAddress",
  64:
    "policy securityPolicy, suite securitySuite, generate_CSR generateCertificateRequest, import importCertificate, " +
    "export exportCertificate",
  71: "min_over_duration minOverThresholdDuration, min_under_duration minUnderThresholdDuration",
  111: "activate activateAccount, close closeAccount, reset resetAccount",
};

const fullClassNames: Readonly<Record<number, string>> = {
  11: "Special days table",
  19: "IEC local port setup",
  23: "IEC HDLC setup",
  27: "Modem configuration",
  43: "MAC address setup",
  45: "GPRS modem setup",
};

/** `push_client_SAP` as `pushClientSap`, or what the list above says. */
function ourName(classId: number, printed: string): string {
  const pairs = (writtenOut[classId] ?? "").split(", ").map((pair) => pair.split(" "));
  const known = pairs.find(([name]) => name === printed)?.[1];
  return known ?? printed.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

function declaredMembers(
  members: readonly { readonly id: number; readonly name: string; readonly since?: number }[],
): unknown {
  return members.map(({ id, name, since }) => [id, name, since ?? 0]);
}

describe("interface classes and the standard's tables", () => {
  it("are the same classes, no gap and none extra", () => {
    assert.deepEqual(
      classes.map(({ classId }) => classId),
      transcribed.classes.map(({ classId }) => classId),
    );
    for (const declared of classes) assert.equal(classById(declared.classId), declared);
  });

  it("are the same classes known by name only, and none of those is declared", () => {
    assert.deepEqual(Object.keys(namedClasses), Object.keys(transcribed.named));
    const firstWord = (name: string): string | undefined => name.toLowerCase().split(/[ /]/)[0]?.slice(0, 4);
    for (const [numbers, name] of Object.entries(transcribed.named)) {
      assert.equal(firstWord(namedClasses[numbers] ?? ""), firstWord(name), numbers);
      const [first = 0, last = first] = numbers.split("-").map(Number);
      for (let id = first; id <= last; id++) assert.equal(classById(id), undefined, String(id));
    }
  });

  for (const printed of transcribed.classes)
    it(`${printed.classId} ${printed.name}: the same members under the same numbers`, () => {
      const declared = classById(printed.classId);
      assert.ok(declared);
      const { classId, since } = printed;
      const expected = (members: Members, versions: Record<string, number> = {}): unknown =>
        Object.entries(members).map(([id, name]) => [Number(id), ourName(classId, name), versions[id] ?? 0]);
      assert.equal(declared.name, fullClassNames[classId] ?? printed.name);
      assert.equal(declared.version, Number(printed.versions.split("-").at(-1)));
      assert.deepEqual(
        declaredMembers(attributesOf(declared)),
        expected(printed.attributes, since?.attributes),
      );
      assert.deepEqual(declaredMembers(methodsOf(declared)), expected(printed.methods, since?.methods));
      assert.equal(declared.methodOffset?.toString(16), printed.methodOffset);
    });

  it("are compared by names that the tables really print", () => {
    for (const [classId, pairs] of Object.entries(writtenOut)) {
      const printed = transcribed.classes.find((one) => one.classId === Number(classId));
      assert.ok(printed);
      const names = [...Object.values(printed.attributes), ...Object.values(printed.methods)];
      for (const pair of pairs.split(", ")) assert.ok(names.includes(pair.split(" ")[0] as string), pair);
    }
  });
});
