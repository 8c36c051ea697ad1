/**
 * Bad input to ciphered associations, for every form of protection and both roles: what is altered, cut, repeated,
 * forged, of another key, title or suite, or in clear. The code says whose fault it is, the association is over.
 */
import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes/hex.js";
import { Secret } from "../../src/core/secret.js";
import { protect } from "../../src/security/index.js";
import { decodeCipheredApdu } from "../../src/xdlms/index.js";
import { cases, type Form, forms, open } from "./security-bad-cases.js";
import {
  alter,
  both,
  clientTitle,
  get,
  HEADER,
  securedPair,
  security,
  serverTitle,
  told,
} from "./secured.js";

for (const form of forms)
  describe(`bad input under ${form.name}`, () => {
    for (const { name, change, code } of cases) {
      const expected = code(form);
      if (expected === undefined) continue;
      it(`an answer ${name}: ${expected}`, () => {
        const pair = open(form);
        alter(pair, "b>a", change);
        pair.sendA(get);
        assert.deepEqual(told(pair.eventsA), [`failed 1 ${expected}`, `closed ${expected}`]);
        assert.throws(() => pair.sendA({ ...get, id: 2 }));
      });
      it(`a request ${name}: ${expected}`, () => {
        const pair = open(form);
        alter(pair, "a>b", change);
        pair.sendA(get);
        assert.deepEqual(told(pair.eventsB), [`failed ${expected}`]);
        assert.deepEqual(told(pair.eventsA), ["failed 1 SECURITY_REFUSED"]);
        pair.wire = (chunk) => [chunk];
        pair.sendA({ ...get, id: 2 });
        assert.ok(!told(pair.eventsB).includes("indication"));
      });
    }

    it("an answer that came before: SECURITY_COUNTER", () => {
      const pair = open(form);
      pair.sendA(get);
      const old = (pair.sent.at(-1) as { bytes: Uint8Array }).bytes.slice(HEADER);
      alter(pair, "b>a", () => old);
      pair.sendA({ ...get, id: 2 });
      assert.deepEqual(told(pair.eventsA), [
        "response",
        "failed 2 SECURITY_COUNTER",
        "closed SECURITY_COUNTER",
      ]);
    });

    it("a request that came before is answered, not carried out, and the association goes on", () => {
      const pair = open(form);
      pair.sendA(get);
      const request = pair.sent.at(-2) as { bytes: Uint8Array };
      pair.b.receive(pair.now, request.bytes);
      pair.settle();
      assert.deepEqual(told(pair.eventsB), ["indication"]);
      assert.match(toHex((pair.sent.at(-1) as { bytes: Uint8Array }).bytes.slice(HEADER)), /^D80106/);
      pair.eventsA.length = 0;
      pair.sendA({ ...get, id: 2 });
      assert.deepEqual(told(pair.eventsA), ["response"]);
    });

    it("an answer in clear: SECURITY_UNPROTECTED", () => {
      const pair = open(form);
      alter(pair, "b>a", () => fromHex("C4014100" + "0600000001"));
      pair.sendA(get);
      assert.deepEqual(told(pair.eventsA), ["failed 1 SECURITY_UNPROTECTED", "closed SECURITY_UNPROTECTED"]);
    });

    it("a request in clear is refused and not carried out", () => {
      const pair = open(form);
      alter(pair, "a>b", () => fromHex("C001C100030100010800FF0200"));
      pair.sendA(get);
      assert.deepEqual(told(pair.eventsB), []);
      assert.deepEqual(told(pair.eventsA), ["failed 1 SERVICE_EXCEPTION"]);
    });

    it("an answer under another key", () => {
      const { keys } = security("server", form.suite);
      const octets = form.suite === 2 ? 32 : 16;
      const other = new Secret(new Uint8Array(octets).fill(7));
      const pair = open(form);
      // The server's next answer, made by somebody who has one key wrong.
      alter(pair, "b>a", (apdu) => {
        const last = decodeCipheredApdu(apdu);
        const inner = last.type === "general-signing" ? decodeCipheredApdu(last.content) : last;
        assert.ok(inner.type !== "general-signing");
        return protect(fromHex("C401C100" + "0600000001"), {
          suite: form.suite,
          form:
            inner.type === "service-ciphering"
              ? { type: inner.type, keySet: inner.keySet }
              : inner.type === "general-ciphering"
                ? { type: inner.type, header: { recipientSystemTitle: clientTitle } }
                : { type: inner.type },
          keys: { ...keys, dedicated: other, unicast: other },
          protection: both,
          systemTitle: serverTitle,
          counter: 9_000,
        });
      });
      pair.sendA(get);
      assert.deepEqual(told(pair.eventsA), ["failed 1 SECURITY_TAG", "closed SECURITY_TAG"]);
    });
  });

describe("hostile content that is genuine", () => {
  const { keys } = security("server");
  const HEADER_OCTETS = "C4014200";
  const rows: readonly (readonly [string, string, string])[] = [
    ["an array announced larger than its octets", "0184FFFFFFFF00", "DECODE"],
    ["nesting without end", "0201".repeat(20_000) + "00", "DECODE"],
    ["a string longer than the APDU", "0984FFFFFFFF41", "DECODE"],
    ["a bit-string of 2³² bits", "0484FFFFFFFF41", "DECODE"],
    ["a compact array without columns", "1302000A00000000000000000000", "DECODE"],
    ["a compact array longer than the APDU", "131284FFFFFFFF0001", "DECODE"],
    ["an unassigned type", "07", "DECODE"],
  ];
  for (const [what, hex, code] of rows)
    it(`${what}: ${code}, the association goes on, memory stays`, () => {
      const pair = open(forms[0] as Form);
      const before = process.memoryUsage();
      alter(pair, "b>a", () =>
        protect(fromHex(HEADER_OCTETS + hex), {
          suite: 0,
          form: { type: "general-glo-ciphering" },
          keys,
          protection: both,
          systemTitle: serverTitle,
          counter: 9_000,
        }),
      );
      pair.sendA(get);
      assert.deepEqual(told(pair.eventsA), [`failed 1 ${code}`]);
      const { arrayBuffers, heapUsed } = process.memoryUsage();
      assert.ok(arrayBuffers - before.arrayBuffers + heapUsed - before.heapUsed < 64_000_000);
      alter(pair, "b>a", () => fromHex("D80101"));
      pair.sendA({ ...get, id: 2 });
      assert.deepEqual(told(pair.eventsA).slice(1), ["failed 2 SERVICE_EXCEPTION"]);
    });

  it("layers without end: LIMIT_EXCEEDED, the association ends", () => {
    const pair = open(forms[0] as Form);
    alter(pair, "b>a", () => {
      let apdu = fromHex(`${HEADER_OCTETS}00`);
      for (let i = 0; i < 6; i++)
        apdu = protect(apdu, {
          suite: 0,
          form: { type: "general-glo-ciphering" },
          keys,
          protection: both,
          systemTitle: serverTitle,
          counter: 9_000 + i,
        });
      return apdu;
    });
    pair.sendA(get);
    assert.deepEqual(told(pair.eventsA), ["failed 1 LIMIT_EXCEEDED", "closed LIMIT_EXCEEDED"]);
  });
});

describe("challenges", () => {
  const mechanisms = ["hls", "hls-md5", "hls-sha1", "hls-gmac", "hls-sha256", "hls-ecdsa"] as const;
  for (const mechanism of mechanisms)
    for (const protection of [undefined, both])
      it(`${mechanism}${protection === undefined ? "" : ", ciphered"}: one of ours that comes back: SECURITY_CHALLENGE`, () => {
        const more = protection === undefined ? {} : { protection };
        const pair = securedPair({
          mechanism,
          client: security("client", 1, more),
          server: security("server", 1, more),
        });
        const octets = mechanism === "hls-ecdsa" ? 32 : 16;
        const mark = (tag: string) =>
          tag + [octets + 2, 0x80, octets].map((n) => toHex(Uint8Array.of(n))).join("");
        let ctos = "";
        pair.wire = (chunk, way) => {
          const hex = toHex(chunk);
          const at = hex.indexOf(mark(way === "a>b" ? "AC" : "AA")) + 8;
          if (way === "a>b" && at >= 8) ctos = hex.slice(at, at + 2 * octets);
          if (way === "a>b" || at < 8) return [chunk];
          return [fromHex(hex.slice(0, at) + ctos + hex.slice(at + 2 * octets))];
        };
        pair.sendA({ type: "associate" });
        assert.equal(ctos.length, 2 * octets);
        assert.deepEqual(told(pair.eventsA), ["failed SECURITY_CHALLENGE", "closed SECURITY_CHALLENGE"]);
        assert.ok(!pair.sent.some(({ bytes }) => bytes[HEADER] === 0xc3 || bytes[HEADER] === 0xcb));
      });
});
