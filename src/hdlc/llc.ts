/**
 * The LLC octets in front of an APDU (IEC 62056-46, 5.3.2): `E6 E6 00` from whoever asks, `E6 E7 00` from whoever
 * answers. They stand in the first segment only. Some meters leave them out, so they are removed only when there.
 */
const ASKING = Uint8Array.of(0xe6, 0xe6, 0x00);
const ANSWERING = Uint8Array.of(0xe6, 0xe7, 0x00);

export type LlcSender = "asking" | "answering";

export function withLlc(sender: LlcSender, apdu: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(apdu.length + 3);
  bytes.set(sender === "asking" ? ASKING : ANSWERING);
  bytes.set(apdu, 3);
  return bytes;
}

/** The APDU, and what the LLC said about its sender when there was one. */
export function stripLlc(bytes: Uint8Array): { readonly apdu: Uint8Array; readonly sender?: LlcSender } {
  if (startsWith(bytes, ASKING)) return { apdu: bytes.subarray(3), sender: "asking" };
  if (startsWith(bytes, ANSWERING)) return { apdu: bytes.subarray(3), sender: "answering" };
  return { apdu: bytes };
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return bytes.length >= prefix.length && prefix.every((octet, i) => bytes[i] === octet);
}
