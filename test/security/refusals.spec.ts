/** What must not open: other keys, titles, suites, recipients; and what each switch changes. */
import assert from "node:assert/strict";
import { fromHex } from "../../src/bytes/hex.js";
import { DecodeError, DlmsError } from "../../src/core/errors.js";
import { Secret } from "../../src/core/secret.js";
import {
  type KeyTransport,
  type Protection,
  type ProtectionForm,
  type SecurityQuirks,
  signApdu,
  unprotect,
} from "../../src/security/index.js";
import { decodeCipheredApdu, encodeCipheredApdu } from "../../src/xdlms/index.js";
import {
  atServer,
  type Case,
  clientTitle,
  formsOf,
  fromClient,
  getRequest,
  header,
  isCode,
  keysOf,
  otherKey,
  serverTitle,
} from "./fixtures.js";

const modes: readonly Protection[] = [
  { authenticated: true, encrypted: false },
  { authenticated: false, encrypted: true },
  { authenticated: true, encrypted: true },
];

describe("refused protection", () => {
  it("says whose fault it is: key, title, suite, compression, clear text", () => {
    const { server } = keysOf(0);
    const form: ProtectionForm = { type: "general-glo-ciphering" };
    const bytes = fromClient({ suite: 0, form });
    const wrongKey = { ...server, unicast: otherKey(server.unicast) };
    assert.throws(() => unprotect(bytes, atServer(0, wrongKey)), isCode("SECURITY_TAG"));
    const wrongAk = { ...server, authentication: otherKey(server.authentication) };
    assert.throws(() => unprotect(bytes, atServer(0, wrongAk)), isCode("SECURITY_TAG"));
    assert.throws(
      () => unprotect(bytes, { ...atServer(0), peerSystemTitle: serverTitle }),
      isCode("SECURITY_TITLE"),
    );
    assert.throws(
      () =>
        unprotect(fromClient({ suite: 0, form: { ...form, withoutTitle: true } }), {
          suite: 0,
          keys: server,
        }),
      isCode("SECURITY_TITLE"),
    );
    assert.throws(() => unprotect(bytes, { ...atServer(0), suite: 1 }), isCode("SECURITY_SUITE"));
    assert.throws(() => unprotect(getRequest, atServer(0)), isCode("SECURITY_UNPROTECTED"));
    for (const [control, code] of [
      [0xb0, "SECURITY_COMPRESSION"],
      [0x33, "SECURITY_SUITE"],
      [0x31, "SECURITY_SUITE"],
    ] as const) {
      const changed = bytes.slice();
      changed[11] = control;
      assert.throws(() => unprotect(changed, atServer(0)), isCode(code));
    }
    for (const missing of ["unicast", "authentication"] as const)
      assert.throws(
        () => unprotect(bytes, atServer(0, { ...server, [missing]: undefined })),
        isCode("SECURITY_KEY_MISSING"),
      );
    const short = { ...server, unicast: new Secret(new Uint8Array(15)) };
    assert.throws(() => unprotect(bytes, atServer(0, short)), isCode("SECURITY_KEY_INVALID"));
  });

  it("refuses a message under the tag of another service", () => {
    const bytes = fromClient({ suite: 0, form: { type: "service-ciphering", keySet: "global" } });
    bytes[0] = 0xc9;
    assert.throws(() => unprotect(bytes, atServer(0)), isCode("SECURITY_TAG"));
  });

  it("protects by general ciphering only what has no tag of its own", () => {
    const notification = fromHex("0F0000000100090100");
    assert.throws(
      () =>
        fromClient({
          suite: 0,
          form: { type: "service-ciphering", keySet: "global" },
          apdu: notification,
        }),
      (caught) => caught instanceof DlmsError && caught.field === "form",
    );
    const general = fromClient({ suite: 0, form: { type: "general-glo-ciphering" }, apdu: notification });
    assert.deepStrictEqual(unprotect(general, atServer(0)).apdu, notification);
  });

  it("opens without the authentication key only when told to, and says that nothing was checked", () => {
    const { server } = keysOf(0);
    const keys = { ...server, authentication: undefined };
    for (const protection of modes) {
      const bytes = fromClient({ suite: 0, form: { type: "general-glo-ciphering" }, protection });
      const opened = unprotect(bytes, { ...atServer(0, keys), withoutAuthenticationKey: true });
      assert.deepStrictEqual(opened.apdu, getRequest);
      assert.equal(opened.authenticated, false);
    }
    const forged = fromClient({ suite: 0, form: { type: "general-glo-ciphering" } });
    forged[forged.length - 1] = (forged[forged.length - 1] as number) ^ 1;
    // With the key at hand the tag is checked, whatever was allowed.
    assert.throws(
      () => unprotect(forged, { ...atServer(0), withoutAuthenticationKey: true }),
      isCode("SECURITY_TAG"),
    );
    assert.equal(
      unprotect(forged, { ...atServer(0, keys), withoutAuthenticationKey: true }).authenticated,
      false,
    );
    assert.throws(
      () => unprotect(forged.subarray(0, 20), { ...atServer(0, keys), withoutAuthenticationKey: true }),
      DecodeError,
    );
  });

  it("general-ciphering: refuses a message for another recipient, unknown keys, a key not wrapped for us", () => {
    const form = (key: KeyTransport): ProtectionForm => ({ type: "general-ciphering", header, key });
    const bytes = fromClient({ suite: 1, form: form({ type: "agreed", scheme: "one-pass" }) });
    assert.throws(
      () => unprotect(bytes, { ...atServer(1), systemTitle: clientTitle }),
      isCode("SECURITY_TITLE"),
    );
    const { server } = keysOf(1);
    const wrongSigner = { ...server, curve: { ...server.curve, peerSigning: server.curve?.peerAgreement } };
    assert.throws(() => unprotect(bytes, atServer(1, wrongSigner)), isCode("SECURITY_SIGNATURE"));
    assert.throws(
      () => unprotect(bytes, atServer(1, { ...server, curve: undefined })),
      isCode("SECURITY_KEY_MISSING"),
    );
    const oneTime = new Secret(new Uint8Array(16));
    const wrapped = fromClient({ suite: 0, form: form({ type: "wrapped", key: oneTime }) });
    const { server: plain } = keysOf(0);
    assert.throws(
      () => unprotect(wrapped, atServer(0, { ...plain, master: otherKey(plain.master) })),
      isCode("SECURITY_KEY_TRANSPORT"),
    );
    const identified = decodeCipheredApdu(fromClient({ suite: 0, form: form({ type: "identified" }) }));
    assert.ok(identified.type === "general-ciphering");
    assert.throws(
      () =>
        unprotect(
          encodeCipheredApdu({ ...identified, keyInfo: { type: "identified-key", keyId: 9 } }),
          atServer(0),
        ),
      isCode("SECURITY_KEY_MISSING"),
    );
    assert.throws(
      () => fromClient({ suite: 0, form: form({ type: "agreed", scheme: "one-pass" }) }),
      isCode("SECURITY_SUITE"),
    );
  });

  it("each switch changes what is covered, on both sides alike", () => {
    const forms = formsOf(1);
    const general = forms.find(({ type }) => type === "general-ciphering") as ProtectionForm;
    const agreed: ProtectionForm = {
      type: "general-ciphering",
      header,
      key: { type: "agreed", scheme: "static-unified" },
    };
    const cases: readonly (readonly [SecurityQuirks, Case])[] = [
      [{ generalHeaderAuthenticated: false }, { suite: 1, form: general }],
      [{ transactionIdInKeyDerivation: true }, { suite: 1, form: agreed }],
      [
        { keySetBitsAuthenticated: false },
        {
          suite: 1,
          form: { type: "general-glo-ciphering" },
          protection: { authenticated: true, encrypted: false, broadcast: true },
        },
      ],
    ];
    for (const [quirks, use] of cases) {
      const bytes = fromClient({ ...use, quirks });
      assert.deepStrictEqual(unprotect(bytes, { ...atServer(1), quirks }).apdu, getRequest);
      assert.throws(() => unprotect(bytes, atServer(1)), isCode("SECURITY_TAG"));
    }
    const quirks = { signedLengths: false };
    const { client } = keysOf(1);
    const signed = signApdu(getRequest, { suite: 1, keys: client, systemTitle: clientTitle, header, quirks });
    assert.deepStrictEqual(unprotect(signed, { ...atServer(1), quirks }).apdu, getRequest);
    assert.throws(() => unprotect(signed, atServer(1)), isCode("SECURITY_SIGNATURE"));
  });
});
