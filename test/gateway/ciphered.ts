/** Meter types that cipher, a store for their counters, and what the frames of a ciphered association show in clear. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromHex } from "../../src/bytes/hex.js";
import { Secret } from "../../src/core/secret.js";
import { type Mechanism, type MeterType } from "../../src/meter-types/meter-type.js";
import { presets } from "../../src/meter-types/presets.js";
import { defaultSecurity, type SecuritySettings } from "../../src/meter-types/security-settings.js";
import { type SecurityKeys } from "../../src/security/index.js";
import { openStore, type Store, type StoreUse } from "../../src/store/index.js";

export const clientTitle = fromHex("4757590000000001");
export const password = "a secret 16 char";

export function key(first: number, octets = 16): Secret<Uint8Array> {
  return new Secret(Uint8Array.from({ length: octets }, (_, i) => (first + i * 7) & 0xff));
}

export const keys: SecurityKeys = { unicast: key(0x10), authentication: key(0xa0), master: key(0x50) };

export function cipheredType(
  security: Partial<SecuritySettings> = {},
  association: Partial<MeterType["association"]> = {},
  base: MeterType = presets.hexcell,
): MeterType {
  const mechanism: Mechanism = association.mechanism ?? "hls-gmac";
  return {
    ...base,
    name: `ciphered ${base.name}`,
    reverseMechanisms: [mechanism],
    association: {
      ...base.association,
      framing: "auto",
      clientSap: 1,
      readSerialPublicly: true,
      mechanism,
      secret: new Secret(Uint8Array.from(password, (letter) => letter.charCodeAt(0))),
      security: { ...defaultSecurity, keys, clientSystemTitle: clientTitle, ...security },
      ...association,
    },
  };
}

/** A store of its own in a file that goes with it. */
export class OwnStore {
  readonly #folder = mkdtempSync(join(tmpdir(), "dlms-ciphered-"));
  #use: Promise<StoreUse> | undefined;

  readonly open = (): Promise<Store> => (this.#use ??= openStore(join(this.#folder, "store.sqlite")));

  /** The file stays. */
  async close(): Promise<void> {
    await (await this.#use)?.release();
    this.#use = undefined;
  }

  async remove(): Promise<void> {
    await this.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/**
 * Invocation counters of the global key in what was sent, by the security control 30: `glo-…` behind LLC or wrapper
 * header, and the initiate in its AARQ. Less than that would be found in ciphertext now and then, too.
 */
export function countersIn(hex: string): number[] {
  const service = /(?:E6E600|0001[0-9A-F]{8}00[0-9A-F]{2})(?:C8|C9|CB)[0-9A-F]{2}30([0-9A-F]{8})/;
  const initiate = /BE[0-9A-F]{2}04[0-9A-F]{2}21[0-9A-F]{2}30([0-9A-F]{8})/;
  const either = new RegExp(`${service.source}|${initiate.source}`, "g");
  return [...hex.matchAll(either)].map(([, inService, inInitiate]) =>
    parseInt(inService ?? inInitiate ?? "", 16),
  );
}
