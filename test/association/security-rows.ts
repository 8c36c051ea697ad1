/**
 * The matrix of secured associations: mechanism, suite, protection, form, signature, key, transport and block scheme.
 * Mechanism, suite, protection and form stand against each other in full, but for what takes curves: that goes round the
 * mechanisms. Each meets both transports and every block scheme.
 */
import {
  type ClientOptions,
  type CipheredForm,
  type KeyTransportName,
  type Mechanism,
  type SecurityOptions,
  supportedConformance,
} from "../../src/association/index.js";
import { type Protection, type SecuritySuite } from "../../src/security/index.js";
import { type ConformanceBit, type KeySet } from "../../src/xdlms/index.js";

export const mechanisms: readonly Mechanism[] = [
  "none",
  "lls",
  "hls",
  "hls-md5",
  "hls-sha1",
  "hls-gmac",
  "hls-sha256",
  "hls-ecdsa",
];

export const transports = ["hdlc", "wrapper"] as const;
export const blockSchemes = ["none", "service-specific", "general"] as const;
export type BlockScheme = (typeof blockSchemes)[number];

export interface Row {
  readonly name: string;
  readonly mechanism: Mechanism;
  readonly suite: SecuritySuite;
  readonly framing: (typeof transports)[number];
  readonly blocks: BlockScheme;
  readonly security: Pick<
    SecurityOptions,
    "protection" | "form" | "keySet" | "keyTransport" | "signing" | "peerCertificate"
  >;
}

type Secured = Row["security"];

const authenticated: Protection = { authenticated: true, encrypted: false };
const encrypted: Protection = { authenticated: false, encrypted: true };
const both: Protection = { authenticated: true, encrypted: true };

const plainForms: readonly (readonly [CipheredForm, KeySet])[] = [
  ["service-specific", "global"],
  ["service-specific", "dedicated"],
  ["general", "global"],
  ["general", "dedicated"],
];
const schemes: readonly KeyTransportName[] = ["one-pass", "static-unified", "ephemeral-unified"];

/** Everything that a suite can do to APDUs. */
function waysOf(suite: SecuritySuite): readonly Secured[] {
  const modes = [authenticated, encrypted, both];
  const broadcast = { protection: { ...both, broadcast: true } };
  const plain = plainForms.map(([form, keySet]) => ({ form, keySet }));
  const keyed = (["identified", "wrapped"] as const).map(
    (keyTransport) => ({ form: "general-ciphering", keyTransport }) as const,
  );
  const curved: readonly Secured[] =
    suite === 0
      ? []
      : [
          ...schemes.map(
            (keyTransport) => ({ protection: both, form: "general-ciphering", keyTransport }) as const,
          ),
          { protection: authenticated, form: "general-ciphering", keyTransport: "one-pass" },
          { protection: encrypted, form: "general-ciphering", keyTransport: "static-unified" },
          { signing: "outside" },
          ...(["inside", "outside"] as const).flatMap((signing) => [
            { signing, protection: both, ...plainForms[0] },
            { signing, protection: encrypted, form: "general", keySet: "dedicated" } as const,
            { signing, protection: both, form: "general-ciphering", keyTransport: "static-unified" } as const,
          ]),
        ];
  return [
    {},
    ...modes.flatMap((protection) => plain.map((form) => ({ protection, ...form }))),
    ...modes.flatMap((protection) => keyed.map((key) => ({ protection, ...key }))),
    { ...broadcast, form: "service-specific" },
    { ...broadcast, form: "general" },
    { ...broadcast, form: "general-ciphering" },
    ...curved,
  ];
}

function nameOf({ protection, form, keySet, keyTransport, signing }: Secured): string {
  const { authenticated: tag = false, encrypted: hidden = false, broadcast = false } = protection ?? {};
  const mode = protection === undefined ? "clear" : [tag ? "authenticated" : "", hidden ? "encrypted" : ""];
  return [mode, form, keySet, keyTransport, broadcast ? "broadcast key" : "", signing && `signed ${signing}`]
    .flat()
    .filter((word) => word !== undefined && word !== "")
    .join(" ");
}

/** Which combinations of transport and block scheme each way meets, one after the other. */
const rounds = transports.flatMap((framing) => blockSchemes.map((blocks) => ({ framing, blocks })));

/** Whether it takes signatures or key agreement, which are slow. */
function isCurved({ signing, keyTransport }: Secured): boolean {
  return signing !== undefined || (schemes as readonly unknown[]).includes(keyTransport);
}

/** The mechanisms by which a way is reached, with a round for each: all six come up. */
function reached(
  security: Secured,
  suite: SecuritySuite,
  w: number,
): readonly (readonly [Mechanism, number])[] {
  const usable = mechanisms.filter((mechanism) => mechanism !== "hls-ecdsa" || suite > 0);
  if (!isCurved(security)) return usable.map((mechanism, m) => [mechanism, (m + w + suite) % rounds.length]);
  return rounds.map((_, k) => [usable[(w + 3 * k) % usable.length] as Mechanism, k]);
}

export const rows: readonly Row[] = ([0, 1, 2] as const).flatMap((suite) =>
  waysOf(suite).flatMap((security, w) =>
    reached(security, suite, w).map(([mechanism, at]) => {
      const round = rounds[at] as (typeof rounds)[number];
      return {
        name: `${mechanism}, suite ${suite}, ${nameOf(security)}, ${round.framing}, blocks ${round.blocks}`,
        ...{ mechanism, suite, security, ...round },
      };
    }),
  ),
);

const specific: readonly ConformanceBit[] = [
  "block-transfer-get",
  "block-transfer-set",
  "block-transfer-action",
];

/** What both sides negotiate: so small that the long value goes in blocks, whatever protection takes. */
export function sizes({ blocks, security }: Row): Pick<ClientOptions, "conformance" | "maxReceivePdu"> {
  const general = security.form === "general-ciphering" || security.signing !== undefined;
  const services = [...supportedConformance].filter(
    (bit) => bit !== "general-block-transfer" && !specific.includes(bit),
  );
  const conformance = new Set<ConformanceBit>([
    ...services,
    "general-protection",
    ...(blocks === "service-specific" ? specific : []),
    ...(blocks === "general" ? (["general-block-transfer"] as const) : []),
  ]);
  return { conformance, ...(blocks === "none" ? {} : { maxReceivePdu: general ? 520 : 256 }) };
}
