/**
 * The APDU layer of a recorded conversation: ACSE, initiate and xDLMS decoded down to values and encoded again.
 * A ciphered APDU is replaced by its recorded plaintext; what is not opened is counted by tag.
 */
import { type Acse, decodeAcse, encodeAcse, isAcseTag } from "../../acse/index.js";
import { fromHex } from "../../bytes/hex.js";
import { type Apdu, cipheredTags, decodeApdu, encodeApdu, isCiphered } from "../../xdlms/index.js";
import { GeneralBlocks } from "./general-block.js";
import { type Fault, type LinkResult, type RecordedApdu, expectSame, faultOf } from "./link-layer.js";
import { toleratedIn } from "./tolerated.js";
import { type Vector } from "./vector.js";

export interface DecodedApdu extends RecordedApdu {
  readonly apdu: Apdu | Acse;
}

export interface ApduResult {
  readonly apdus: readonly DecodedApdu[];
  /** Frames that do not decode or do not encode to the same octets. */
  readonly faults: readonly Fault[];
  /** Frames that decode only because a breach of the standard is tolerated. */
  readonly tolerated: readonly Fault[];
  /** Names of the tags that were not opened, with how often. */
  readonly unopened: ReadonlyMap<string, number>;
}

/** Service-specific ciphering: which plain tag stands inside. */
function plainTag(tag: number): number | undefined {
  if (tag === 0x21 || tag === 0x41) return 0x01;
  if (tag === 0x28 || tag === 0x48) return 0x08;
  if (tag === 0x2e || tag === 0x4e) return 0x0e;
  if (tag >= 0xc8 && tag <= 0xcf) return tag - 8;
  if (tag >= 0xd0 && tag <= 0xd7) return tag - 16;
  return undefined;
}

const GENERAL_CIPHERING = [0xdb, 0xdc, 0xdd];

export function replayApdus(vector: Vector, link: LinkResult): ApduResult {
  const apdus: DecodedApdu[] = [];
  const faults: Fault[] = [];
  const tolerated: Fault[] = [];
  const unopened = new Map<string, number>();
  const general = { c2s: new GeneralBlocks(), s2c: new GeneralBlocks() };
  let nextPlain = 0;

  const plaintextOf = (tag: number, dir: RecordedApdu["dir"]): Uint8Array | undefined => {
    const next = vector.plaintextApdus[nextPlain];
    if (next === undefined || next.dir !== dir) return undefined;
    const bytes = fromHex(next.hex, `plaintextApdus[${nextPlain}].hex`);
    const expected = plainTag(tag);
    if (expected === undefined ? !GENERAL_CIPHERING.includes(tag) : bytes[0] !== expected) return undefined;
    nextPlain++;
    return bytes;
  };

  /** Decodes one APDU, follows it inwards, and pushes what it finally is. */
  const open = (recorded: RecordedApdu): void => {
    const { bytes, dir } = recorded;
    if (isAcseTag(bytes[0])) {
      const acse = decodeAcse(bytes);
      expectSame(acse.type, encodeAcse(acse), bytes);
      apdus.push({ ...recorded, apdu: acse });
      for (const reason of toleratedIn(acse)) tolerated.push({ frame: recorded.frame, reason });
      if (acse.userInformation !== undefined) open({ ...recorded, bytes: acse.userInformation });
      // The ciphered initiate inside is recorded even where the release around it does not decode.
      const inside = "malformed" in acse ? plaintextOf(acse.type === "rlrq" ? 0x21 : 0x28, dir) : undefined;
      if (inside !== undefined) open({ ...recorded, bytes: inside });
      return;
    }
    const apdu = decodeApdu(bytes);
    expectSame(apdu.type, encodeApdu(apdu), bytes);
    for (const reason of toleratedIn(apdu)) tolerated.push({ frame: recorded.frame, reason });
    if (apdu.type === "general-block-transfer") {
      const whole = general[dir].take(apdu);
      if (whole !== undefined) open({ ...recorded, bytes: whole });
      return;
    }
    if (isCiphered(apdu)) {
      const tag = bytes[0] as number;
      const plaintext = plaintextOf(tag, dir);
      if (plaintext !== undefined) return open({ ...recorded, bytes: plaintext });
      const name = cipheredTags[tag] as string;
      unopened.set(name, (unopened.get(name) ?? 0) + 1);
    }
    apdus.push({ ...recorded, apdu });
  };

  for (const recorded of link.apdus)
    try {
      open(recorded);
    } catch (caught) {
      faults.push(faultOf(recorded.frame, caught));
    }
  if (nextPlain < vector.plaintextApdus.length)
    faults.push({
      frame: vector.exchange.length,
      reason: `plaintextApdus[${nextPlain}] belongs to no ciphered APDU`,
    });
  return { apdus, faults, tolerated, unopened };
}
