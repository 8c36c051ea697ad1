/**
 * The frame check sequence of HDLC: CRC-16/X-25 (polynomial 1021 reflected, initial FFFF, final inversion).
 * Table driven, because every octet of every frame passes here twice. On the wire the low octet comes first.
 */
const TABLE = Uint16Array.from({ length: 256 }, (_, octet) => {
  let crc = octet;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x8408 : crc >>> 1;
  return crc;
});

/** The check of `bytes[start..end)`, as a number whose low octet is sent first. */
export function fcs16(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = 0xffff;
  for (let i = start; i < end; i++)
    crc = (crc >>> 8) ^ (TABLE[(crc ^ (bytes[i] as number)) & 0xff] as number);
  return crc ^ 0xffff;
}
