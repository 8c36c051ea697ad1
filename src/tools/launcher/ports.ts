/** Finding out whether a port is free before something is started on it. */
import { type AddressInfo, createServer } from "node:net";

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

/** A port of the system's choice, which nobody else is likely to take meanwhile. */
export function anyFreePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen({ port: 0, host }, () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
