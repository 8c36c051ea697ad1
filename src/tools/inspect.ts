#!/usr/bin/env node
/** `inspect HEX…`: prints the layered byte table of a frame; see src/inspect. */
import { parseArgs } from "node:util";
import { fromHex } from "../bytes/hex.js";
import { DlmsError } from "../core/errors.js";
import { inspectFrame } from "../inspect/inspect-frame.js";

const HELP = `inspect HEX…   Prints the layered byte table of HDLC frames, wrapper PDUs or a bare APDU.

HEX is hexadecimal text, white space allowed; several arguments are joined.

  --help    this text

Exit code: 0 all understood, 1 decoding stopped, 2 no or bad hexadecimal text.`;

function main(args: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h" } },
  });
  if (values.help === true) {
    console.log(HELP);
    return 0;
  }
  if (positionals.length === 0) {
    console.error(HELP);
    return 2;
  }
  try {
    const table = inspectFrame(fromHex(positionals.join(""), "HEX"));
    console.log(table);
    return /^stopped: /m.test(table) ? 1 : 0;
  } catch (caught) {
    if (!(caught instanceof DlmsError)) throw caught;
    console.error(caught.message);
    return 2;
  }
}

process.exitCode = main(process.argv.slice(2));
