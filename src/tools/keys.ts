#!/usr/bin/env node
/** `keys encrypt|decrypt FILE`, `keys check FILE`, `keys new-key`: the secrets of a key list; see src/gateway/keys. */
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { DlmsError } from "../core/errors.js";
import { type Secret } from "../core/secret.js";
import { bindingOf, type KeyRow, secretFields } from "../gateway/keys/key-fields.js";
import { readKeyList } from "../gateway/keys/key-list.js";
import { readKeyTable, unfitLine } from "../gateway/keys/key-table.js";
import { isSealed, masterKeyOf, newMasterKey, seal, unseal } from "../gateway/keys/sealed.js";

const VARIABLE = "DLMS_KEYS_MASTER";
const HELP = `keys encrypt FILE   Encrypts the secrets in a key list (CSV or JSON) that stand there in clear.
keys decrypt FILE   Puts them back in clear, to change them. Encrypt the file again afterwards.
keys check FILE     Reads the list as the gateway does and says what is wrong with it.
keys new-key        Prints a new master key.

The master key, 32 octets in hexadecimal digits or base64, stands in the environment variable ${VARIABLE}. FILE is
rewritten in one step and may be read and written by its owner only; the gateway notices by itself.

  --output OTHER   leaves FILE as it is and writes OTHER
  --help           this text

Exit code: 0 done, 1 the list or the master key cannot be used, 2 wrong arguments.`;

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h" }, output: { type: "string", short: "o" } },
  });
  const [command, file] = positionals;
  if (values.help === true) {
    console.log(HELP);
    return 0;
  }
  if (command === "new-key" && positionals.length === 1) {
    console.log(newMasterKey());
    return 0;
  }
  if (positionals.length !== 2 || command === undefined || file === undefined) {
    console.error(HELP);
    return 2;
  }
  try {
    switch (command) {
      case "encrypt":
        return rewrite(file, values.output ?? file, (text, row, field) =>
          isSealed(text) ? text : seal(text, masterKey(), bindingOf(row, field)),
        );
      case "decrypt":
        return rewrite(file, values.output ?? file, (text, row, field) =>
          isSealed(text) ? unseal(text, masterKey(), bindingOf(row, field)) : text,
        );
      case "check":
        return await check(file);
      default:
        console.error(HELP);
        return 2;
    }
  } catch (caught) {
    const isSystem = caught instanceof Error && "syscall" in caught;
    if (!(caught instanceof DlmsError) && !isSystem) throw caught;
    console.error(caught.message);
    return 1;
  }
}

function masterKey(): Secret<Uint8Array> {
  const text = process.env[VARIABLE] ?? "";
  if (text === "")
    throw new DlmsError("KEY_LIST_INVALID", `The environment variable ${VARIABLE} is not set.`);
  return masterKeyOf(text);
}

type Change = (text: string, row: KeyRow, field: (typeof secretFields)[number]) => string;

function rewrite(file: string, output: string, change: Change): number {
  const table = readKeyTable(readFileSync(file, "utf8"));
  let changed = 0;
  const rows = table.rows.map(({ line, fields }) => {
    const row = { ...fields };
    for (const field of secretFields) {
      const text = fields[field] ?? "";
      if (text === "") continue;
      try {
        row[field] = change(text, fields, field);
      } catch (caught) {
        if (!(caught instanceof DlmsError) || caught.field === "masterKey") throw caught;
        throw unfitLine(line, `${field} ${caught.message}.`, field);
      }
      if (row[field] !== text) changed++;
    }
    return row;
  });
  replace(output, table.write(rows));
  console.log(`${rows.length} meters, ${changed} secrets changed: ${output}`);
  return 0;
}

/** In one step: who reads meanwhile gets the whole old content or the whole new one. */
function replace(path: string, text: string): void {
  const next = `${path}.${process.pid}.new`;
  try {
    writeFileSync(next, text, { mode: 0o600, flag: "wx" });
    renameSync(next, path);
  } finally {
    rmSync(next, { force: true });
  }
}

async function check(file: string): Promise<number> {
  const isEncrypted = readFileSync(file, "utf8").includes("sealed:");
  const list = await readKeyList(readFileSync(file, "utf8"), isEncrypted ? masterKey() : undefined);
  console.log(`${list.size} meters, ${list.inClear} secrets in clear.`);
  if ((statSync(file).mode & 0o077) !== 0) console.log("Others than its owner may read the file.");
  return 0;
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (caught: unknown) => {
    console.error(caught instanceof Error ? caught.message : "the command failed");
    process.exitCode = 2;
  },
);
