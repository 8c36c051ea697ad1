import assert from "node:assert/strict";
import fc from "fast-check";
import { Rate } from "../../src/core/rate.js";
import { AccessList, AddressSet, peerKey, plainAddress } from "../../src/transport/access-list.js";
import { proxySignature, readProxyHeader } from "../../src/transport/proxy-header.js";

describe("address lists", () => {
  it("hold addresses and networks of both kinds; IPv4 in the clothes of IPv6 is IPv4", () => {
    const set = new AddressSet(
      ["192.0.2.7", "10.0.0.0/8", "2001:db8::/32", "::ffff:198.51.100.0/120"],
      "allow",
    );
    const inside = ["192.0.2.7", "::ffff:192.0.2.7", "10.255.0.1", "2001:db8:1::5", "198.51.100.9"];
    const outside = [
      "192.0.2.8",
      "11.0.0.1",
      "2001:db9::1",
      "198.51.101.1",
      "",
      "nonsense",
      "::ffff:c000:208",
    ];
    for (const address of [...inside, "::ffff:c000:207"]) assert.ok(set.has(address), address);
    for (const address of outside) assert.ok(!set.has(address), address);
  });

  it("name an entry that is none", () => {
    for (const entry of [
      "",
      "10.0.0.0/33",
      "10.0.0/8",
      "::/129",
      "10.0.0.0/8/8",
      "10.0.0.1/-1",
      "fe80::1%eth0",
      "host",
    ])
      assert.throws(() => new AccessList({ deny: [entry] }), { code: "FIELD_INVALID", field: "deny" }, entry);
  });

  it("deny before they allow", () => {
    const list = new AccessList({ allow: ["10.0.0.0/8"], deny: ["10.1.0.0/16"] });
    assert.deepEqual(
      ["10.0.0.1", "10.1.0.1", "11.0.0.1"].map((address) => list.admits(address)),
      [true, false, false],
    );
    assert.ok(new AccessList({}).admits("203.0.113.1"));
  });

  it("count a /64 network of IPv6 as one peer, and an IPv4 address as one", () => {
    assert.equal(peerKey("2001:db8::1"), peerKey("2001:0db8:0:0:ffff:1:2:3"));
    assert.notEqual(peerKey("2001:db8::1"), peerKey("2001:db8:0:1::1"));
    assert.equal(peerKey("::ffff:192.0.2.7"), "192.0.2.7");
    assert.equal(peerKey("::1"), "0:0:0:0::/64");
    assert.equal(plainAddress("fe80::1%eth0"), "fe80::1");
  });
});

describe("PROXY headers", () => {
  const ipv6 = Uint8Array.from([
    ...[...proxySignature, 0x21, 0x21, 0, 39, 0x20, 0x01, 0x0d, 0xb8, ...new Array<number>(11).fill(0), 1],
    ...[...new Array<number>(16).fill(0), 0xc0, 0x01, 0x0f, 0xa0, 0x04, 0, 0],
  ]);

  it("show addresses of IPv6 in their short form; fields behind them are skipped", () => {
    const source = { address: "2001:db8::1", port: 0xc001 };
    assert.deepEqual(readProxyHeader(ipv6), { state: "complete", length: 55, source });
  });

  it("are partial until the last octet is there, and never throw", () => {
    for (let length = 0; length < ipv6.length; length++)
      assert.equal(readProxyHeader(ipv6.subarray(0, length)).state, "partial", `${length} octets`);
    const begun = fc.uint8Array({ maxLength: 60 }).map((rest) => Uint8Array.of(...proxySignature, ...rest));
    fc.assert(
      fc.property(fc.oneof(begun, fc.uint8Array({ maxLength: 60 })), (bytes) => {
        const header = readProxyHeader(bytes);
        assert.ok(header.state !== "complete" || header.length <= bytes.length);
      }),
    );
  });

  it("of an impossible length are refused before they are read", () => {
    const long = Uint8Array.of(...proxySignature, 0x21, 0x11, 0xff, 0xff);
    assert.equal(readProxyHeader(long).state, "invalid");
  });
});

describe("rates", () => {
  it("let a burst through, then so many a second, whatever the steps of time", () => {
    const rate = new Rate(10, 5);
    const taken = (times: readonly number[]): number => times.filter((now) => rate.take(now)).length;
    assert.equal(taken(new Array<number>(20).fill(0)), 5);
    assert.equal(rate.nextAt(0), 100);
    assert.equal(taken(Array.from({ length: 1_000 }, (_, ms) => ms + 1)), 10);
    assert.equal(taken(new Array<number>(20).fill(60_000)), 5, "no more than the burst is saved up");
    assert.equal(taken([0, 1]), 0, "a clock that goes back gives nothing");
  });
});
