/**
 * Reads a meter from a script, without Node-RED.
 *
 *   node read-a-meter.mjs HOST [PORT] [OBIS CODE ...]
 *
 * FRAMING=hdlc, CLIENT_SAP, SERVER_SAP and PASSWORD change how the meter is spoken to. To try it without a meter:
 *
 *   npm run sim -- --listen --port 4059 --preset standard
 *   node examples/engine/read-a-meter.mjs 127.0.0.1 4059
 */
import { connectMeter, DlmsError } from "@dlms-gateway/node-red-dlms";

const [host, port = "4059", ...codes] = process.argv.slice(2);
if (host === undefined) {
  console.error("usage: node read-a-meter.mjs HOST [PORT] [OBIS CODE ...]");
  process.exit(2);
}
const { FRAMING = "wrapper", CLIENT_SAP = "16", SERVER_SAP = "1", PASSWORD } = process.env;

try {
  const client = await connectMeter({
    host,
    port: Number(port),
    framing: FRAMING === "hdlc" ? "hdlc" : "wrapper",
    clientSap: Number(CLIENT_SAP),
    serverSap: Number(SERVER_SAP),
    ...(PASSWORD === undefined ? {} : { password: PASSWORD }),
  });
  const obisCodes = codes.length > 0 ? codes : ["0-0:1.0.0.255", "1-0:1.8.0.255", "1-0:32.7.0.255"];
  for (const reading of await client.readMany(obisCodes.map((obisCode) => ({ obisCode })))) {
    const { obisCode, value, unit = "", error } = reading;
    if (error === undefined)
      console.log(obisCode, typeof value === "object" ? JSON.stringify(value) : value, unit);
    else console.log(obisCode, `failed: ${error.message} (${error.code})`);
  }
  await client.release();
} catch (caught) {
  if (!(caught instanceof DlmsError)) throw caught;
  console.error(`${caught.code}: ${caught.message}`);
  process.exitCode = 1;
}
