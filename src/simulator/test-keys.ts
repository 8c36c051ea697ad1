/**
 * The keys of simulated meters whose meter type leaves keys to each meter: those that the worked examples of the
 * standard (Green Book 9.2) use, published and so good for nothing but trying things out.
 */
import { fromHex, fromLatin1 } from "../bytes/hex.js";
import { Secret } from "../core/secret.js";
import { type MeterType } from "../meter-types/meter-type.js";

/** Hexadecimal digits for 16 octets; suite 2 takes all 32. */
export const testKeys = {
  unicast: "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F",
  authentication: "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDFE0E1E2E3E4E5E6E7E8E9EAEBECEDEEEF",
  master: "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF",
} as const;

const WITH_SECRET: ReadonlySet<string> = new Set(["lls", "hls", "hls-md5", "hls-sha1", "hls-sha256"]);
/** ASCII, as the published passwords of makers. */
export const TEST_SECRET = "00000000";

/** The same type with test keys, and a test secret, wherever it needs one and says none. */
export function withTestKeys(meterType: MeterType): MeterType {
  const { association } = meterType;
  const { mechanism, secret, security } = association;
  const octets = security?.suite === 2 ? 32 : 16;
  const key = (digits: string): Secret<Uint8Array> => new Secret(fromHex(digits.slice(0, 2 * octets)));
  const isBare = security !== undefined && Object.keys(security.keys).length === 0;
  const needsSecret = WITH_SECRET.has(mechanism) && secret === undefined;
  if (!isBare && !needsSecret) return meterType;
  const keys = {
    unicast: key(testKeys.unicast),
    authentication: key(testKeys.authentication),
    master: key(testKeys.master),
  };
  return {
    ...meterType,
    association: {
      ...association,
      ...(needsSecret ? { secret: new Secret(fromLatin1(TEST_SECRET)) } : {}),
      ...(isBare ? { security: { ...security, keys } } : {}),
    },
  };
}
