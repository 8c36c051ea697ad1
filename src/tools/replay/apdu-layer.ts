/**
 * The APDU layer of a recorded conversation: ACSE, initiate and xDLMS decoded down to values and encoded again. What
 * is ciphered is deciphered; what is sent in general blocks is put together.
 */
import { type Acse, decodeAcse, encodeAcse, isAcseTag } from "../../acse/index.js";
import { type Apdu, decodeApdu, encodeApdu, isCiphered } from "../../xdlms/index.js";
import { GeneralBlocks } from "./general-block.js";
import { type Fault, type LinkResult, type RecordedApdu, expectSame, faultOf } from "./link-layer.js";
import { RecordedPlaintexts } from "./plaintexts.js";
import { insideOfMalformed, SecurityLayer } from "./security-layer.js";
import { toleratedIn } from "./tolerated.js";
import { type Vector } from "./vector.js";

export interface DecodedApdu extends RecordedApdu {
  readonly apdu: Apdu | Acse;
}

export interface ApduResult {
  readonly apdus: readonly DecodedApdu[];
  /** Frames that do not decode, do not encode to the same octets, or decipher to something else than recorded. */
  readonly faults: readonly Fault[];
  /** Frames that decode, although a peer breaks the standard or its message does not open. */
  readonly tolerated: readonly Fault[];
  /** What was ciphered or proved. */
  readonly security: SecurityLayer;
}

export function replayApdus(vector: Vector, link: LinkResult): ApduResult {
  const apdus: DecodedApdu[] = [];
  const faults: Fault[] = [];
  const tolerated: Fault[] = [];
  const general = { c2s: new GeneralBlocks(), s2c: new GeneralBlocks() };
  const plaintexts = new RecordedPlaintexts(vector);
  const security = new SecurityLayer(vector.security);

  const openAcse = (recorded: RecordedApdu): void => {
    const acse = decodeAcse(recorded.bytes);
    expectSame(acse.type, encodeAcse(acse), recorded.bytes);
    apdus.push({ ...recorded, apdu: acse });
    for (const reason of toleratedIn(acse)) tolerated.push({ frame: recorded.frame, reason });
    security.learn(acse);
    const inside =
      "malformed" in acse && acse.malformed !== undefined
        ? insideOfMalformed(acse.malformed)
        : acse.userInformation;
    if (inside !== undefined) open({ ...recorded, bytes: inside });
  };

  /** Decodes one APDU, follows it inwards, and pushes what it finally is. */
  const open = (recorded: RecordedApdu): void => {
    const { bytes, dir, frame } = recorded;
    if (isAcseTag(bytes[0])) return openAcse(recorded);
    const apdu = decodeApdu(bytes);
    expectSame(apdu.type, encodeApdu(apdu), bytes);
    for (const reason of toleratedIn(apdu)) tolerated.push({ frame, reason });
    if (apdu.type === "general-block-transfer") {
      const whole = general[dir].take(apdu, frame);
      if (whole !== undefined) open({ ...recorded, bytes: whole });
      return;
    }
    if (isCiphered(apdu)) {
      const plaintext = security.open(recorded, apdu);
      if (plaintext !== undefined) {
        const reason = plaintexts.judge(dir, plaintext);
        if (reason !== undefined) faults.push({ frame, reason, decoded: true });
        return open({ ...recorded, bytes: plaintext });
      }
    } else security.see(recorded, apdu);
    apdus.push({ ...recorded, apdu });
  };

  for (const recorded of link.apdus)
    try {
      open(recorded);
    } catch (caught) {
      faults.push(faultOf(recorded.frame, caught));
    }
  const missing = plaintexts.end();
  if (missing !== undefined) faults.push({ frame: vector.exchange.length, reason: missing });
  for (const fault of [general.c2s.end(), general.s2c.end(), ...security.found])
    if (fault !== undefined) tolerated.push(fault);
  return { apdus, faults, tolerated, security };
}
