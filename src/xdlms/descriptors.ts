/** What requests name: attributes and methods by class, logical name and index; selective access; invoke ids. */
import { type Codec, fixedBytes, i8, seq, u16, u32, u8 } from "../bytes/codec.js";
import { merged } from "../bytes/fields.js";
import { usageError } from "../core/errors.js";
import { type Data, dataCodec } from "../axdr/data.js";
import { type OptionalField, optionalField } from "../axdr/fields.js";

export interface AttributeDescriptor {
  readonly classId: number;
  /** The logical name, 6 octets. */
  readonly instanceId: Uint8Array;
  readonly attributeId: number;
}

/**
 * Cosem-Attribute-Descriptor ::= SEQUENCE { class-id Unsigned16, instance-id OCTET STRING (SIZE(6)),
 *   attribute-id Integer8 }
 */
export const attributeDescriptor: Codec<AttributeDescriptor> = seq({
  classId: u16,
  instanceId: fixedBytes(6),
  attributeId: i8,
});

export interface MethodDescriptor {
  readonly classId: number;
  readonly instanceId: Uint8Array;
  readonly methodId: number;
}

/**
 * Cosem-Method-Descriptor ::= SEQUENCE { class-id Unsigned16, instance-id OCTET STRING (SIZE(6)),
 *   method-id Integer8 }
 */
export const methodDescriptor: Codec<MethodDescriptor> = seq({
  classId: u16,
  instanceId: fixedBytes(6),
  methodId: i8,
});

export interface Selection {
  readonly selector: number;
  readonly parameters: Data;
}

/** Selective-Access-Descriptor ::= SEQUENCE { access-selector Unsigned8, access-parameters Data } */
export const selectionCodec: Codec<Selection> = seq({ selector: u8, parameters: dataCodec });

/** access-selection Selective-Access-Descriptor OPTIONAL */
export const selection: Codec<OptionalField<"selection", Selection>> = optionalField(
  "selection",
  selectionCodec,
);

export interface AttributeWithSelection extends OptionalField<"selection", Selection> {
  readonly attribute: AttributeDescriptor;
}

/** Cosem-Attribute-Descriptor-With-Selection ::= SEQUENCE { attribute descriptor, selection OPTIONAL } */
export const attributeWithSelection: Codec<AttributeWithSelection> = merged(
  seq({ attribute: attributeDescriptor }),
  selection,
);

export interface InvokeIdAndPriority {
  /** 0 to 15. */
  readonly invokeId: number;
  readonly confirmed: boolean;
  readonly highPriority: boolean;
  /** Bits 5 and 4, when not zero. */
  readonly reserved?: number;
}

/** Invoke-Id-And-Priority ::= Unsigned8: bit 7 priority, bit 6 service class, bits 3 to 0 invoke id. */
export const invokeIdAndPriority: Codec<InvokeIdAndPriority> = {
  decode: (reader) => {
    const octet = reader.u8();
    const reserved = (octet >> 4) & 3;
    return {
      invokeId: octet & 0x0f,
      confirmed: (octet & 0x40) !== 0,
      highPriority: (octet & 0x80) !== 0,
      ...(reserved === 0 ? {} : { reserved }),
    };
  },
  encode: (writer, { invokeId, confirmed, highPriority, reserved = 0 }) =>
    writer.u8(bounded(invokeId, 0x0f) | (reserved << 4) | (confirmed ? 0x40 : 0) | (highPriority ? 0x80 : 0)),
  shape: {
    kind: "mapped",
    inner: u8,
    from: (octet: number) => ({
      invokeId: octet & 0x0f,
      confirmed: (octet & 0x40) !== 0,
      highPriority: (octet & 0x80) !== 0,
    }),
  },
};

export interface LongInvokeIdAndPriority {
  /** 24 bits. */
  readonly invokeId: number;
  /** 0 continue on error, 1 break on error. */
  readonly breakOnError: boolean;
  readonly selfDescriptive: boolean;
  readonly confirmed: boolean;
  readonly highPriority: boolean;
  /** Bits 27 to 24, when not zero. */
  readonly reserved?: number;
}

const longInvokeFromNumber = (bits: number): LongInvokeIdAndPriority => {
  const reserved = (bits >>> 24) & 0x0f;
  return {
    invokeId: bits & 0xff_ffff,
    selfDescriptive: (bits & 0x1000_0000) !== 0,
    breakOnError: (bits & 0x2000_0000) !== 0,
    confirmed: (bits & 0x4000_0000) !== 0,
    highPriority: bits >>> 31 === 1,
    ...(reserved === 0 ? {} : { reserved }),
  };
};

/**
 * Long-Invoke-Id-And-Priority ::= Unsigned32: bit 31 priority, 30 service class, 29 processing option (break on
 * error), 28 self-descriptive, 23 to 0 invoke id.
 */
export const longInvokeIdAndPriority: Codec<LongInvokeIdAndPriority> = {
  decode: (reader) => longInvokeFromNumber(reader.u32()),
  encode: (writer, { invokeId, reserved = 0, ...bits }) =>
    writer.u32(
      (bounded(invokeId, 0xff_ffff) |
        (reserved << 24) |
        (bits.selfDescriptive ? 0x1000_0000 : 0) |
        (bits.breakOnError ? 0x2000_0000 : 0) |
        (bits.confirmed ? 0x4000_0000 : 0) |
        (bits.highPriority ? 0x8000_0000 : 0)) >>>
        0,
    ),
  shape: { kind: "mapped", inner: u32, from: longInvokeFromNumber },
};

function bounded(invokeId: number, max: number): number {
  if (!Number.isInteger(invokeId) || invokeId < 0 || invokeId > max)
    throw usageError("FIELD_INVALID", "invokeId", `an integer from 0 to ${max} is expected`);
  return invokeId;
}
