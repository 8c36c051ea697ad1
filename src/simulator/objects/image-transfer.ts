/**
 * Image transfer 0-0:44.0.0.255 (class 18). Verifying and activating take a moment: the methods answer
 * temporary-failure and attribute 6 tells when it is over. What has arrived outlives connections, so a transfer can
 * be resumed at attribute 4. An activated image is the firmware version 1-0:0.2.0.255 from then on.
 */
import { data } from "../../axdr/build.js";
import { type Data } from "../../axdr/data.js";
import { toLatin1 } from "../../bytes/hex.js";
import { imageTransfer as declared } from "../../cosem/classes/index.js";
import { parseObis } from "../../cosem/obis.js";
import { type ActionResult } from "../../xdlms/index.js";
import { ImageReceiver, imageStatus } from "../behaviours/image.js";
import { type MeterState } from "../meter-state.js";
import { perMeter } from "../per-meter.js";
import { isTrigger, type MeterObject, readOnly, stored } from "./attributes.js";

const BLOCK_OCTETS = 512;
const VERIFY_MS = 1_000;
const ACTIVATE_MS = 1_000;
const ENABLED_KEY = "18/5";
const FIRMWARE = "FW03.07-23041";

const receiverOf = perMeter(() => new ImageReceiver());

/** 1-0:0.2.0.255: 13 characters, those of the image that was activated last. */
export function firmwareVersion(meter: MeterState, t: number): string {
  const receiver = receiverOf(meter);
  receiver.status(t);
  const { active } = receiver;
  return active === undefined ? FIRMWARE : toLatin1(active.identification).slice(0, 13);
}

export const imageTransfer: MeterObject = {
  classId: declared.classId,
  version: 0,
  logicalName: parseObis("0-0:44.0.0.255"),
  attributes: [
    readOnly(2, () => data.doubleLongUnsigned(BLOCK_OCTETS)),
    readOnly(3, (meter) => data.bitString(receiverOf(meter).bitmap)),
    readOnly(4, (meter) => data.doubleLongUnsigned(receiverOf(meter).firstMissing)),
    stored(5, ENABLED_KEY, () => data.boolean(true)),
    readOnly(6, (meter, t) => data.enum(receiverOf(meter).status(t))),
    readOnly(7, (meter) => toActivate(receiverOf(meter))),
  ],
  methods: [
    { id: 1, invoke: (meter, parameter, { t }) => initiate(meter, parameter, t) },
    { id: 2, invoke: (meter, parameter, { t }) => block(meter, parameter, t) },
    {
      id: 3,
      invoke: (meter, parameter, { t }) => {
        if (!isTrigger(parameter)) return "type-unmatched";
        return resultOf(receiverOf(meter).verify(t, VERIFY_MS));
      },
    },
    {
      id: 4,
      invoke: (meter, parameter, { t }) => {
        if (!isTrigger(parameter)) return "type-unmatched";
        return resultOf(receiverOf(meter).activate(t, ACTIVATE_MS));
      },
    },
  ],
  duty: {
    next: (meter) => receiverOf(meter).workingUntil,
    act: (meter, t) => {
      const receiver = receiverOf(meter);
      const status = receiver.status(t);
      if (status === imageStatus.verified) meter.note(t, "image", "image verified");
      if (status === imageStatus.verificationFailed) meter.note(t, "image", "image is not genuine");
      if (status === imageStatus.activated)
        meter.note(t, "image", `image activated: firmware ${firmwareVersion(meter, t)}`);
    },
  },
};

function initiate(meter: MeterState, parameter: Data | undefined, t: number): ActionResult {
  if (parameter?.type !== "structure" || parameter.value.length !== 2) return "type-unmatched";
  const [identification, size] = parameter.value;
  if (identification?.type !== "octet-string" || size?.type !== "double-long-unsigned")
    return "type-unmatched";
  if (!isEnabled(meter)) return "read-write-denied";
  if (!receiverOf(meter).initiate(t, identification.value, size.value, BLOCK_OCTETS)) return "other-reason";
  meter.note(t, "image", `image of ${size.value} octets announced`);
  return "success";
}

function isEnabled(meter: MeterState): boolean {
  const enabled = meter.written.get(ENABLED_KEY);
  return enabled?.type !== "boolean" || enabled.value;
}

function block(meter: MeterState, parameter: Data | undefined, t: number): ActionResult {
  if (parameter?.type !== "structure" || parameter.value.length !== 2) return "type-unmatched";
  const [number, octets] = parameter.value;
  if (number?.type !== "double-long-unsigned" || octets?.type !== "octet-string") return "type-unmatched";
  return receiverOf(meter).block(t, number.value, octets.value) ? "success" : "other-reason";
}

function resultOf(outcome: ReturnType<ImageReceiver["verify"]>): ActionResult {
  switch (outcome) {
    case "started":
    case "busy":
      return "temporary-failure";
    case "done":
      return "success";
    case "refused":
      return "other-reason";
  }
}

function toActivate(receiver: ImageReceiver): Data {
  const info = receiver.info();
  if (info === undefined) return data.array([]);
  return data.array([
    data.structure([
      data.doubleLongUnsigned(info.size),
      data.octetString(info.identification),
      data.octetString(info.signature),
    ]),
  ]);
}
