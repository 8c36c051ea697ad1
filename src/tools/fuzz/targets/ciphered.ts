/**
 * Protected APDUs: those of strangers, mutated, and those of somebody who has the keys and means harm inside. Certificates
 * and public keys too, which come from files and from meters.
 */
import { certificateNames, protect, publicKeyFromSpki, unprotectAll } from "../../../security/index.js";
import { securityControl } from "../../../security/security-control.js";
import { concatBytes } from "../../../bytes/hex.js";
import { decodeApdu } from "../../../xdlms/index.js";
import { corpus } from "../corpus.js";
import { mutate } from "../mutate.js";
import { type Random } from "../random.js";
import { keys, titles } from "../session-ends.js";
import { drawApdu } from "../spoil.js";
import { type AnyTarget, refusable, type Target } from "../target.js";
import { decodeHostile } from "./decoders.js";

const tags: ReadonlySet<number> = new Set([0xdb, 0xdc, 0xdd, 0xdf, 0x21, 0x28, 0xc8, 0xcc, 0xd0, 0xd4]);

function draw(random: Random): Uint8Array {
  const all = corpus().apdus.filter(([tag]) => tags.has(tag as number));
  if (random.once(3)) return mutate(random, random.pick(all), all);
  const inside = drawApdu(random);
  const form = random.pick([
    { type: "general-glo-ciphering" },
    { type: "general-ciphering", header: { transactionId: random.octets(random.size(30)) } },
    { type: "general-ciphering", header: {}, key: { type: "wrapped", key: keys.unicast } },
    { type: "service-ciphering", keySet: "global" },
  ] as const);
  const sealed = refusable(() =>
    protect(inside, {
      ...{ form, suite: 0, keys, systemTitle: titles.server, counter: random.below(0xffff_ffff) },
      protection: random.pick([
        { authenticated: true, encrypted: true },
        { authenticated: true, encrypted: false },
        { authenticated: false, encrypted: true },
      ]),
    }),
  );
  if (sealed === undefined) return mutate(random, random.pick(all), all);
  return random.once(3) ? mutate(random, sealed, all) : sealed;
}

const ciphered: Target<Uint8Array> = {
  name: "ciphered",
  about: "protected APDUs, by strangers and by somebody who has the keys",
  draw,
  run(octets, watch) {
    const options = { suite: 0, keys, peerSystemTitle: titles.server, systemTitle: titles.client } as const;
    for (const demand of [{ authenticated: true, encrypted: true }, undefined]) {
      const layers = watch(() =>
        refusable(() => unprotectAll(octets, { ...options, ...(demand === undefined ? {} : { demand }) })),
      );
      const inner = layers?.at(-1);
      if (inner !== undefined) watch(() => refusable(() => decodeApdu(inner.apdu)));
    }
    decodeHostile(securityControl, octets.subarray(0, 1), watch);
  },
};

const SPKI = Uint8Array.of(
  ...[0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86],
  ...[0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04],
);

const certificates: Target<Uint8Array> = {
  name: "certificates",
  about: "octets for readers of public keys and certificates",
  draw: (random) => {
    const key = concatBytes(SPKI, random.octets(random.once(4) ? random.size(100) : 64));
    return random.once(4) ? key : mutate(random, key, [SPKI]);
  },
  run(octets, watch) {
    for (const curve of ["P-256", "P-384"] as const)
      watch(() => refusable(() => publicKeyFromSpki(curve, octets)));
    watch(() => refusable(() => certificateNames(octets)));
  },
};

export const cipheredTargets: readonly AnyTarget[] = [ciphered, certificates];
