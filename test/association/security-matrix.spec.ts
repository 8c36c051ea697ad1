/**
 * Our client against our server over mechanism, suite, protection, form and transport: each pair reads, writes, acts,
 * reads a profile and releases, and nothing of it travels in clear where it is ciphered.
 */
import assert from "node:assert/strict";
import { type CipheredForm, type Mechanism, supportedConformance } from "../../src/association/index.js";
import { data } from "../../src/axdr/index.js";
import { toHex } from "../../src/bytes/hex.js";
import { type Protection, type SecuritySuite } from "../../src/security/index.js";
import { type KeySet } from "../../src/xdlms/index.js";
import { energy, long, method, profile, securedPair, security, serverTitle, text } from "./secured.js";

const mechanisms: readonly Mechanism[] = [
  "none",
  "lls",
  "hls",
  "hls-md5",
  "hls-sha1",
  "hls-gmac",
  "hls-sha256",
  "hls-ecdsa",
];
const protections: readonly (readonly [string, Protection | undefined])[] = [
  ["clear", undefined],
  ["authenticated", { authenticated: true, encrypted: false }],
  ["encrypted", { authenticated: false, encrypted: true }],
  ["authenticated and encrypted", { authenticated: true, encrypted: true }],
];
const forms: readonly (readonly [CipheredForm, KeySet])[] = [
  ["service-specific", "global"],
  ["service-specific", "dedicated"],
  ["general", "global"],
  ["general", "dedicated"],
];

interface Row {
  readonly name: string;
  readonly mechanism: Mechanism;
  readonly suite: SecuritySuite;
  readonly protection: Protection | undefined;
  readonly form: CipheredForm;
  readonly keySet: KeySet;
  readonly framing: "hdlc" | "wrapper";
}

const rows: readonly Row[] = mechanisms.flatMap((mechanism) =>
  ([0, 1, 2] as const).flatMap((suite) =>
    mechanism === "hls-ecdsa" && suite === 0
      ? []
      : protections.flatMap(([how, protection]) =>
          (protection === undefined ? forms.slice(0, 1) : forms).flatMap(([form, keySet]) =>
            (["hdlc", "wrapper"] as const).map((framing) => ({
              name: `${mechanism}, suite ${suite}, ${how}${protection === undefined ? "" : `, ${form} ${keySet}`}, ${framing}`,
              ...{ mechanism, suite, protection, form, keySet, framing },
            })),
          ),
        ),
  ),
);

describe("secured associations", () => {
  it("cover the whole matrix", () => assert.equal(rows.length, (7 * 3 + 2) * (1 + 3 * 4) * 2));

  for (const row of rows)
    it(row.name, async () => {
      const { mechanism, suite, protection, form, keySet, framing } = row;
      const more = { ...(protection === undefined ? {} : { protection }), form, keySet };
      const pair = securedPair({
        mechanism,
        framing,
        client: security("client", suite, more),
        server: security("server", suite, more),
        conformance: new Set([...supportedConformance, "general-protection"]),
      });
      const client = pair.client();
      const info = await client.associate();
      assert.equal(info.mechanism, mechanism);
      assert.equal(toHex(info.peerSystemTitle as Uint8Array), toHex(serverTitle));
      assert.deepEqual(
        info.ciphering,
        protection === undefined ? undefined : { suite, ...protection, keySet },
      );

      assert.deepEqual(await client.get(energy), data.doubleLongUnsigned(123_456_789));
      assert.deepEqual(await client.get(text), long);
      await client.set(text, data.unsigned(7));
      assert.deepEqual(await client.get(text), data.unsigned(7));
      assert.deepEqual(await client.action(method, long), long);
      const { rows: profileRows } = await client.readProfile(profile);
      assert.equal(profileRows.length, 3);
      await client.release();
      assert.equal(client.association, undefined);

      const wire = pair.sent.map(({ bytes }) => toHex(bytes)).join(" ");
      // The name of the register that was read; only encryption hides it.
      assert.equal(wire.includes("0100010800FF"), protection?.encrypted !== true);
    });
});
