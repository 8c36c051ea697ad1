/** Finding out whether a port is free before something is started on it. */
import { createServer } from "node:net";

/** Whether `port` can be listened on at `host` now. */
export function isPortFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** The first free port from `wanted` on. @throws Error when none of the next 50 is free. */
export async function nextFreePort(wanted: number, host: string): Promise<number> {
  for (let port = wanted; port < wanted + 50 && port <= 65_535; port++)
    if (await isPortFree(port, host)) return port;
  throw new Error(`no free port between ${wanted} and ${Math.min(wanted + 49, 65_535)} on ${host}`);
}

/**
 * Where a tool looks for ports that it closes and opens again: elsewhere in each process, so that two runs do not meet,
 * and below the ports that the system gives out, so that who dials one while it is closed never reaches itself.
 */
export const portBase = 20_000 + (process.pid % 400) * 30;
