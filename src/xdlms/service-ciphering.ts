/**
 * Service-specific ciphering: one APDU under a tag that still tells the service and which key set protects it.
 * The contents (security header, body, tag) stay closed here; `security/` opens them.
 */
import { type Codec, constant } from "../bytes/codec.js";
import { merged } from "../bytes/fields.js";
import { usageError } from "../core/errors.js";
import { type OctetField, octetField } from "../axdr/fields.js";

/** Tags in clear, under the global and under the dedicated key. 36, 38, 56, 58 follow the pattern only. */
const TAGS = {
  "initiate-request": [0x01, 0x21, 0x41],
  "read-request": [0x05, 0x25, 0x45],
  "write-request": [0x06, 0x26, 0x46],
  "initiate-response": [0x08, 0x28, 0x48],
  "read-response": [0x0c, 0x2c, 0x4c],
  "write-response": [0x0d, 0x2d, 0x4d],
  "confirmed-service-error": [0x0e, 0x2e, 0x4e],
  "unconfirmed-write-request": [0x16, 0x36, 0x56],
  "information-report": [0x18, 0x38, 0x58],
  "get-request": [0xc0, 0xc8, 0xd0],
  "set-request": [0xc1, 0xc9, 0xd1],
  "event-notification": [0xc2, 0xca, 0xd2],
  "action-request": [0xc3, 0xcb, 0xd3],
  "get-response": [0xc4, 0xcc, 0xd4],
  "set-response": [0xc5, 0xcd, 0xd5],
  "action-response": [0xc7, 0xcf, 0xd7],
} as const;

export type CipheredService = keyof typeof TAGS;

/** The global keys of the meter, or the one key of this association. */
export type KeySet = "global" | "dedicated";

export interface ServiceCiphering extends OctetField<"content"> {
  readonly service: CipheredService;
  readonly keySet: KeySet;
}

type Head = Pick<ServiceCiphering, "service" | "keySet">;

const heads = new Map<number, Head>();
const byPlainTag = new Map<number, CipheredService>();
for (const [service, [plain, global, dedicated]] of Object.entries(TAGS) as [
  CipheredService,
  readonly [number, number, number],
][]) {
  heads.set(global, { service, keySet: "global" });
  heads.set(dedicated, { service, keySet: "dedicated" });
  byPlainTag.set(plain, service);
}

/** Every tag of service-specific ciphering, with its name in the standard's words. */
export const serviceCipheringTags: Readonly<Record<number, string>> = Object.fromEntries(
  [...heads].map(([tag, { service, keySet }]) => [tag, `${keySet === "global" ? "glo" : "ded"}-${service}`]),
);

/** The service a clear APDU belongs to; undefined when it can only be protected by general ciphering. */
export function cipheredServiceOf(plainTag: number): CipheredService | undefined {
  return byPlainTag.get(plainTag);
}

/** The tag such an APDU has in clear. */
export function plainTagOf(service: CipheredService): number {
  return TAGS[service][0];
}

const content = octetField("content");

/** glo-… [33..63, 200..207] and ded-… [65..95, 208..215] IMPLICIT OCTET STRING, tag included */
export const serviceCiphering: Codec<ServiceCiphering> = {
  decode: (reader) => {
    const at = reader.offset;
    const head = heads.get(reader.u8());
    if (head === undefined) return reader.fail("a tag of service-specific ciphering expected", at);
    return { ...head, ...content.decode(reader) };
  },
  encode: (writer, value) => {
    const tags: readonly number[] | undefined = Object.hasOwn(TAGS, value.service)
      ? TAGS[value.service]
      : undefined;
    if (tags === undefined) throw usageError("FIELD_INVALID", "service", `unknown service ${value.service}`);
    writer.u8(tags[value.keySet === "global" ? 1 : 2] as number);
    content.encode(writer, value);
  },
  shape: merged(
    { ...content, shape: { kind: "oneOf", options: [...heads.values()].map((head) => constant(head)) } },
    content,
  ).shape,
};
