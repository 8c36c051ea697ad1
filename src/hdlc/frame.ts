/**
 * The HDLC frame, format type 3 (IEC 62056-46, 6.4.1):
 * `7E | format | destination | source | control | HCS | information | FCS | 7E`; without information the HCS is
 * absent. The length in the format field counts what stands between the flags and is the only delimiter: there is
 * no octet stuffing. An information field that is present but empty (HCS and FCS) stays apart from an absent one.
 */
import {
  type Codec,
  decodeAll,
  encodeAll,
  literal,
  mapped,
  optional,
  restBytes,
  traced,
  u16,
  u8,
} from "../bytes/codec.js";
import { type Reader } from "../bytes/reader.js";
import { Writer } from "../bytes/writer.js";
import { usageError } from "../core/errors.js";
import { addressCodec, type HdlcAddress } from "./address.js";
import { controlCodec, formatControl, type HdlcControl } from "./control.js";
import { fcs16 } from "./fcs.js";

export interface HdlcFrame {
  /** More frames of the same APDU follow. */
  readonly segmented: boolean;
  readonly destination: HdlcAddress;
  readonly source: HdlcAddress;
  readonly control: HdlcControl;
  readonly information?: Uint8Array;
}

export const FLAG = 0x7e;
/** Format type 3 in the upper four bits of the format field. */
export const FORMAT_TYPE = 0xa0;
/** One-octet addresses and no information. */
export const MIN_LENGTH = 7;
/** Eleven bits. */
export const MAX_LENGTH = 0x7ff;

const SEGMENTATION = 0x0800;

interface Format {
  readonly segmented: boolean;
  readonly length: number;
}

const formatCodec: Codec<Format> = {
  decode: (reader) => {
    const at = reader.offset;
    const value = u16.decode(reader);
    if (value >> 12 !== FORMAT_TYPE >> 4) reader.fail("frame format type 3 (A…) expected", at);
    return { segmented: (value & SEGMENTATION) !== 0, length: value & MAX_LENGTH };
  },
  encode: (writer, { segmented, length }) => {
    if (length > MAX_LENGTH)
      throw usageError("FIELD_INVALID", "information", `a frame holds at most ${MAX_LENGTH} octets`);
    writer.u16((FORMAT_TYPE << 8) | (segmented ? SEGMENTATION : 0) | length);
  },
  shape: u16.shape,
};

const checkCodec: Codec<number> = mapped(
  u16,
  (wire) => ((wire & 0xff) << 8) | (wire >> 8),
  (value) => ((value & 0xff) << 8) | (value >> 8),
);

const anyBit: Codec<boolean> = mapped(
  u8,
  (octet) => (octet & 1) === 1,
  (bit) => (bit ? 1 : 0),
);

/** What stands between the flags. */
export const frameBodyCodec: Codec<HdlcFrame> = {
  decode: (reader) => {
    const start = reader.offset;
    const { segmented, length } = field(reader, "format", formatCodec, (format) =>
      format.segmented ? `length ${format.length}, segmented` : `length ${format.length}`,
    );
    if (length < MIN_LENGTH) reader.fail(`length ${length} is below ${MIN_LENGTH}`, start);
    if (length - 2 > reader.remaining)
      reader.fail(`length ${length} exceeds the ${reader.remaining + 2} octets left`, start);
    const end = start + length;
    const destination = field(reader, "destination", addressCodec, formatFull);
    const source = field(reader, "source", addressCodec, formatFull);
    const control = field(reader, "control", controlCodec, formatControl);
    const rest = end - reader.offset;
    if (rest === 2) {
      check(reader, "fcs", start);
      return { segmented, destination, source, control };
    }
    if (rest < 4) reader.fail(`${rest} octets are left for HCS and FCS`);
    check(reader, "hcs", start);
    const information = traced(reader, "information", bytesOf(rest - 4));
    check(reader, "fcs", start);
    return { segmented, destination, source, control, information };
  },
  encode: (writer, frame) => {
    const header = new Writer();
    addressCodec.encode(header, frame.destination);
    addressCodec.encode(header, frame.source);
    controlCodec.encode(header, frame.control);
    const information = frame.information;
    const body = new Writer((information?.length ?? 0) + 20);
    formatCodec.encode(body, {
      segmented: frame.segmented,
      length: 2 + header.length + 2 + (information === undefined ? 0 : information.length + 2),
    });
    body.bytes(header.finish());
    if (information !== undefined) {
      checkCodec.encode(body, fcs16(body.finish()));
      body.bytes(information);
    }
    checkCodec.encode(body, fcs16(body.finish()));
    writer.bytes(body.finish());
  },
  shape: {
    kind: "seq",
    fields: {
      segmented: anyBit,
      destination: addressCodec,
      source: addressCodec,
      control: controlCodec,
      information: optional(restBytes),
    },
  },
};

const flagCodec = literal(FLAG);

/** A frame with both flags. */
export const frameCodec: Codec<HdlcFrame> = {
  decode: (reader) => {
    traced(reader, "flag", flagCodec);
    const frame = frameBodyCodec.decode(reader);
    traced(reader, "flag", flagCodec);
    return frame;
  },
  encode: (writer, frame) => {
    flagCodec.encode(writer, undefined);
    frameBodyCodec.encode(writer, frame);
    flagCodec.encode(writer, undefined);
  },
  shape: frameBodyCodec.shape,
};

/** @throws DecodeError unless `bytes` is exactly one frame with both flags and correct checks. */
export function decodeHdlcFrame(bytes: Uint8Array): HdlcFrame {
  return decodeAll(frameCodec, bytes);
}

/** With both flags. @throws DlmsError FIELD_INVALID for an address or length that does not fit. */
export function encodeHdlcFrame(frame: HdlcFrame): Uint8Array {
  return encodeAll(frameCodec, frame);
}

function check(reader: Reader, name: "hcs" | "fcs", start: number): void {
  const end = reader.offset;
  const expected = fcs16(reader.bytes, start, end);
  const got = field(reader, name, checkCodec, (value) => value.toString(16).toUpperCase().padStart(4, "0"));
  if (got !== expected) reader.fail(`wrong ${name.toUpperCase()}`, end);
}

function field<T>(reader: Reader, name: string, codec: Codec<T>, text: (value: T) => string): T {
  const tracer = reader.tracer;
  if (tracer === undefined) return codec.decode(reader);
  tracer.enter(name, reader.offset);
  const value = codec.decode(reader);
  tracer.leave(reader.offset, text(value));
  return value;
}

function bytesOf(count: number): Codec<Uint8Array> {
  return {
    decode: (reader) => reader.take(count),
    encode: (writer, value) => writer.bytes(value),
    shape: restBytes.shape,
  };
}

function formatFull(address: HdlcAddress): string {
  const lower = address.lower === undefined ? "" : `, lower ${address.lower}`;
  return `upper ${address.upper}${lower} (${address.octets} octet${address.octets === 1 ? "" : "s"})`;
}
