/** Whether a port can be listened on: opened for a moment and closed again. */
import { asDlmsError } from "../core/errors.js";
import { listenTcp } from "../transport/tcp.js";
import { failedStep, reportOf, type TrialReport } from "./trial-report.js";

export async function tryPort({
  host,
  port,
}: {
  readonly host: string;
  readonly port: number;
}): Promise<TrialReport> {
  const facts = { host, port };
  try {
    const server = await listenTcp({ host, port, onChannel: (channel) => channel.destroy() });
    await server.close();
    return reportOf([{ step: "port-free", state: "ok", facts }]);
  } catch (caught) {
    return reportOf([failedStep("port-free", asDlmsError(caught), facts)]);
  }
}
