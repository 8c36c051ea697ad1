/**
 * Our client against our server over the whole matrix (security-rows.ts): each pair reads, writes, acts, reads a profile
 * and releases, in blocks where they are negotiated, and nothing of it travels in clear where it is enciphered.
 */
import assert from "node:assert/strict";
import { isAcseTag } from "../../src/acse/index.js";
import { data } from "../../src/axdr/index.js";
import { toHex } from "../../src/bytes/hex.js";
import { type SessionPair } from "../support/session-pair.js";
import {
  energy,
  HEADER,
  long,
  method,
  profile,
  securedPair,
  security,
  serverTitle,
  text,
} from "./secured.js";
import { blockSchemes, type Row, rows, sizes, transports } from "./security-rows.js";

const GENERAL_BLOCK_TRANSFER = 0xe0;

describe("secured associations", () => {
  it("cover the whole matrix", () => {
    const every = (of: (row: Row) => string) => new Set(rows.map(of)).size;
    const way = ({ suite, security: secured }: Row) => `${suite} ${JSON.stringify(secured)}`;
    // In clear; 4 plain forms and 2 keys of general-ciphering in 3 modes; the broadcast key in 3 forms.
    const symmetric = 1 + 3 * (4 + 2) + 3;
    const curved = 5 + 7;
    assert.equal(
      every((row) => `${row.mechanism} ${way(row)}`),
      (7 + 8 + 8) * symmetric + 2 * 6 * curved,
    );
    assert.equal(
      every((row) => `${way(row)} ${row.framing} ${row.blocks}`),
      (3 * symmetric + 2 * curved) * transports.length * blockSchemes.length,
    );
    assert.equal(
      every((row) => `${row.mechanism} ${row.suite} ${row.framing} ${row.blocks}`),
      (7 + 8 + 8) * transports.length * blockSchemes.length,
    );
  });

  for (const row of rows)
    it(row.name, async () => {
      const { mechanism, suite, framing } = row;
      const agreed = sizes(row);
      const { maxReceivePdu: size = Infinity } = agreed;
      const pair = securedPair({
        mechanism,
        framing,
        client: security("client", suite, row.security),
        server: security("server", suite, row.security),
        ...agreed,
      });
      const client = pair.client();
      const info = await client.associate();
      assert.equal(info.mechanism, mechanism);
      assert.equal(toHex(info.peerSystemTitle as Uint8Array), toHex(serverTitle));
      assert.deepEqual(info.ciphering, cipheringOf(row));

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
      assert.equal(wire.includes("0100010800FF"), row.security.protection?.encrypted !== true);
      if (framing !== "wrapper") return;
      assert.ok(longest(pair) <= size);
      const blocks = pair.sent.filter(({ bytes }) => bytes[HEADER] === GENERAL_BLOCK_TRANSFER);
      assert.equal(blocks.length > 0, row.blocks === "general");
    });
});

/** The longest APDU but for those that open and release, octets. */
function longest(pair: SessionPair): number {
  const apdus = pair.sent.map(({ bytes }) => bytes.subarray(HEADER));
  return Math.max(...apdus.filter(([tag]) => !isAcseTag(tag)).map(({ length }) => length));
}

function cipheringOf({ suite, security: { protection, keySet = "global", signing } }: Row) {
  if (protection === undefined && signing === undefined) return undefined;
  const { authenticated, encrypted } = protection ?? { authenticated: false, encrypted: false };
  return {
    ...{ suite, authenticated, encrypted, keySet },
    ...(signing === undefined ? {} : { signed: true }),
    ...(authenticated || signing !== undefined ? {} : { unauthenticated: true }),
  };
}
