/** The block of SET and ACTION block transfer, and what some meters leave out or add at the end of an APDU. */
import { type Codec, restBytes, seq, traced, u32 } from "../bytes/codec.js";
import { merged } from "../bytes/fields.js";
import { type BooleanField, type OctetField, booleanField, octetField } from "../axdr/fields.js";

export type Block = BooleanField<"lastBlock"> & { readonly blockNumber: number } & OctetField<"rawData">;

/** DataBlock-SA ::= SEQUENCE { last-block BOOLEAN, block-number Unsigned32, raw-data OCTET STRING } */
export const block: Codec<Block> = merged(
  booleanField("lastBlock"),
  seq({ blockNumber: u32 }),
  octetField("rawData"),
);

/** A field at the very end that may be missing altogether; the key is missing then too. */
export function trailing<const N extends string, T>(
  name: N,
  item: Codec<T>,
): Codec<{ readonly [K in N]?: T }> {
  return {
    decode: (reader) =>
      (reader.remaining === 0 ? {} : { [name]: traced(reader, name, item) }) as { readonly [K in N]?: T },
    encode: (writer, object) => {
      const value: T | undefined = object[name];
      if (value !== undefined) item.encode(writer, value);
    },
    shape: { kind: "seq", fields: { [name]: { ...item, shape: { kind: "optional", item } } } },
  };
}

export interface Junk {
  /** Octets behind the end of the structure, as some meters send them with a block. */
  readonly junk?: Uint8Array;
}

/** Octets left over where the structure itself tells its end; `decodeApdu` refuses them when told to be strict. */
export const junk: Codec<Junk> = {
  decode: (reader) => (reader.remaining === 0 ? {} : { junk: traced(reader, "junk", restBytes) }),
  encode: (writer, { junk: octets }) => {
    if (octets !== undefined) writer.bytes(octets);
  },
  shape: { kind: "constant", value: {} },
};
