/** Key lists as text: what they mean, which mistakes are named how, secrets encrypted in them. */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { fromHex, toHex } from "../../../src/bytes/hex.js";
import { DlmsError } from "../../../src/core/errors.js";
import { bindingOf, secretFields } from "../../../src/gateway/keys/key-fields.js";
import { readKeyList } from "../../../src/gateway/keys/key-list.js";
import { readKeyTable } from "../../../src/gateway/keys/key-table.js";
import { isSealed, masterKeyOf, newMasterKey, seal, unseal } from "../../../src/gateway/keys/sealed.js";

const masterKey = masterKeyOf("42".repeat(32));
const K1 = "000102030405060708090A0B0C0D0E0F";
const K2 = "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF";

const csv = `# meters of the first street
meterSerialNumber;systemTitle;meterType;suite;unicastKey;authenticationKey;secret

00012345678;4D4D4D0000BC614E;street;0;${K1};${K2};"a;b"
ABC9;;;;;;hex:3132
`;
const json = JSON.stringify(
  {
    meters: [
      { meterSerialNumber: 12345678, unicastKey: K1, suite: 0 },
      { systemTitle: "4d4d4d0000bc614e", secret: 'say "hi" {' },
    ],
  },
  null,
  1,
);

describe("key lists", () => {
  it("CSV: fields by the header, comments, quotes; meters by serial number whatever its zeros, and by title", async () => {
    const list = await readKeyList(csv, undefined);
    assert.equal(list.size, 2);
    assert.equal(list.inClear, 4);
    const one = await list.find({ meterSerialNumber: "12345678" });
    assert.equal(one?.meterType, "street");
    assert.equal(one?.suite, 0);
    assert.equal(toHex(one?.keys?.unicast?.reveal() as Uint8Array), K1);
    assert.equal(toHex(one?.secret?.reveal() as Uint8Array), "613B62");
    assert.equal(await list.find({ systemTitle: fromHex("4D4D4D0000BC614E") }), one);
    const two = await list.find({ meterSerialNumber: "abc9" });
    assert.equal(toHex(two?.secret?.reveal() as Uint8Array), "3132");
    assert.equal(two?.keys, undefined);
    assert.equal(await list.find({ meterSerialNumber: "5" }), undefined);
    assert.doesNotMatch(inspect([one, two], { depth: 9 }), /613B62|a;b|0, 1, 2/);
  });

  it("JSON: an array, or an object with meters", async () => {
    const list = await readKeyList(json, undefined);
    assert.equal((await list.find({ meterSerialNumber: "012345678" }))?.suite, 0);
    assert.ok((await list.find({ systemTitle: fromHex("4D4D4D0000BC614E") }))?.secret);
    assert.equal((await readKeyList("[]", undefined)).size, 0);
  });

  const head = "meterSerialNumber,unicastKey,suite,systemTitle,secret\n";
  const mistakes: readonly (readonly [string, string, RegExp, string | undefined])[] = [
    [
      "a key that is no hexadecimal text",
      `${head}1,xyz,,,\n`,
      /Line 2 .*unicastKey must be pairs/,
      "unicastKey",
    ],
    [
      "a key of another length",
      `${head}1,${K1},0,,\n2,${K1}00,,,\n`,
      /Line 3 .*unicastKey must have/,
      "unicastKey",
    ],
    ["a key too short for its suite", `${head}1,${K1},2,,\n`, /Line 2 .*must have 32 octets/, "unicastKey"],
    ["a suite that does not exist", `${head}1,,7,,\n`, /Line 2 .*suite must be/, "suite"],
    [
      "a title of seven octets",
      `${head}1,,,4D4D4D0000BC61,\n`,
      /Line 2 .*systemTitle must have 8/,
      "systemTitle",
    ],
    ["nobody", `${head},${K1},,,\n`, /Line 2 .*meterSerialNumber is missing/, "meterSerialNumber"],
    ["a meter twice", `${head}1,,,,\n\n1,,,,\n`, /Line 4 .*twice/, "meterSerialNumber"],
    ["too few fields", `${head}1,\n`, /Line 2 .*2 fields, the header 5/, undefined],
    ["an unknown field", `meterSerialNumber,${K1}\n`, /Line 1 .*field 2 of the header/, undefined],
    ["no header", "# nothing\n", /header/, undefined],
    ["a quote that does not end a field", `${head}"1"x,,,,\n`, /Line 2 .*quoted/, undefined],
    ["broken JSON", '[\n{"meterSerialNumber": "1"},\n{,}\n]', /Line \d .*no JSON/, undefined],
    ["JSON that is no list", '{"a": 1}', /Line 1 .*list of meters/, undefined],
    [
      "a field that is no text",
      '[\n{"meterSerialNumber": "1"},\n {"meterSerialNumber": [2]}]',
      /Line 3 .*must be text/,
      "meterSerialNumber",
    ],
    [
      "a secret nobody can decrypt",
      `${head}1,sealed:AAAA,,,\n`,
      /Line 2 .*unicastKey does not decrypt/,
      "unicastKey",
    ],
  ];
  for (const [name, text, message, field] of mistakes)
    it(`${name}: line and field are named, and no secret`, async () => {
      await assert.rejects(readKeyList(text, masterKey), (caught) => {
        assert.ok(caught instanceof DlmsError);
        assert.equal(caught.code, "KEY_LIST_INVALID");
        assert.match(caught.message, message);
        assert.equal(caught.field, field);
        assert.doesNotMatch(caught.message, /xyz|000102/);
        return true;
      });
    });

  it("sealed values are bound to meter and field, and to the master key", () => {
    const row = { meterSerialNumber: "1" };
    const sealed = seal(K1, masterKey, bindingOf(row, "unicastKey"));
    assert.ok(isSealed(sealed) && !sealed.includes(K1));
    assert.notEqual(seal(K1, masterKey, "x"), seal(K1, masterKey, "x"));
    assert.equal(unseal(sealed, masterKey, bindingOf(row, "unicastKey")), K1);
    const others: readonly [string, ReturnType<typeof masterKeyOf>, string][] = [
      [sealed, masterKey, bindingOf(row, "authenticationKey")],
      [sealed, masterKey, bindingOf({ meterSerialNumber: "2" }, "unicastKey")],
      [sealed, masterKeyOf(newMasterKey()), bindingOf(row, "unicastKey")],
      [`${sealed.slice(0, -8)}AAAAAAA=`, masterKey, bindingOf(row, "unicastKey")],
    ];
    for (const [text, key, binding] of others)
      assert.throws(() => unseal(text, key, binding), { code: "KEY_LIST_INVALID" });
    for (const text of ["", "00", "zz".repeat(32), "A".repeat(45)])
      assert.throws(() => masterKeyOf(text), { code: "KEY_LIST_INVALID", field: "masterKey" });
  });

  it("a table is written back with nothing changed but its values", async () => {
    for (const text of [csv, json]) {
      const table = readKeyTable(text);
      const sealed = table.rows.map(({ fields }) => {
        const row = { ...fields };
        for (const field of secretFields)
          if (fields[field]) row[field] = seal(fields[field], masterKey, bindingOf(fields, field));
        return row;
      });
      const encrypted = table.write(sealed);
      assert.ok(!encrypted.includes(K1) && encrypted.includes("sealed:"));
      const list = await readKeyList(encrypted, masterKey);
      assert.equal(list.inClear, 0);
      const query = { meterSerialNumber: "12345678" };
      const plain = await readKeyList(text, undefined);
      assert.deepEqual(
        (await list.find(query))?.keys?.unicast?.reveal(),
        (await plain.find(query))?.keys?.unicast?.reveal(),
      );
      await assert.rejects(readKeyList(encrypted, undefined), /no master key is configured/);
      assert.equal(
        table.write(table.rows.map(({ fields }) => fields)).trim(),
        text === csv
          ? csv.trim()
          : JSON.stringify(
              {
                ...(JSON.parse(json) as object),
                meters: [
                  { meterSerialNumber: "12345678", unicastKey: K1, suite: "0" },
                  { systemTitle: "4d4d4d0000bc614e", secret: 'say "hi" {' },
                ],
              },
              null,
              2,
            ),
      );
    }
  });
});
