/**
 * The security header in front of every ciphered content: security control octet and invocation counter.
 * Bits 3..0 suite, 4 authenticated, 5 encrypted, 6 broadcast key, 7 compressed.
 */
import { type Codec, restBytes, seq, u32, u8 } from "../bytes/codec.js";
import { DlmsError, usageError } from "../core/errors.js";
import { type SuiteParameters, suiteById } from "./suites.js";

export interface SecurityControl {
  /** 0, 1 or 2; peers may send what does not exist. */
  readonly suite: number;
  readonly authenticated: boolean;
  readonly encrypted: boolean;
  /** The broadcast key instead of the unicast key. */
  readonly broadcast: boolean;
  readonly compressed: boolean;
}

const AUTHENTICATED = 0x10;
const ENCRYPTED = 0x20;
const BROADCAST = 0x40;
const COMPRESSED = 0x80;

function fromOctet(octet: number): SecurityControl {
  return {
    suite: octet & 0x0f,
    authenticated: (octet & AUTHENTICATED) !== 0,
    encrypted: (octet & ENCRYPTED) !== 0,
    broadcast: (octet & BROADCAST) !== 0,
    compressed: (octet & COMPRESSED) !== 0,
  };
}

export function controlOctet(control: SecurityControl): number {
  if (!Number.isInteger(control.suite) || control.suite < 0 || control.suite > 0x0f)
    throw usageError("FIELD_INVALID", "suite", "a suite from 0 to 15 is expected");
  return (
    control.suite |
    (control.authenticated ? AUTHENTICATED : 0) |
    (control.encrypted ? ENCRYPTED : 0) |
    (control.broadcast ? BROADCAST : 0) |
    (control.compressed ? COMPRESSED : 0)
  );
}

/** Security-Control-Byte ::= Unsigned8 */
export const securityControl: Codec<SecurityControl> = {
  decode: (reader) => fromOctet(reader.u8()),
  encode: (writer, value) => writer.u8(controlOctet(value)),
  shape: { kind: "mapped", inner: u8, from: fromOctet },
};

/** Ciphered content: SC, IC, then plaintext or ciphertext and, when authenticated, 12 octets of tag. */
export interface CipheredContent {
  readonly control: SecurityControl;
  readonly counter: number;
  readonly body: Uint8Array;
}

export const cipheredContent: Codec<CipheredContent> = seq({
  control: securityControl,
  counter: u32,
  body: restBytes,
});

/**
 * What a received header may say: an existing suite, the configured one, no compression.
 * @throws DlmsError SECURITY_SUITE, SECURITY_COMPRESSION
 */
export function checkControl(control: SecurityControl, configured: number): SuiteParameters {
  const suite = suiteById(control.suite);
  if (suite.id !== configured)
    throw new DlmsError(
      "SECURITY_SUITE",
      `The peer uses security suite ${suite.id}; ${configured} is configured.`,
      { detail: { received: suite.id, configured } },
    );
  if (control.compressed) throw new DlmsError("SECURITY_COMPRESSION");
  return suite;
}
