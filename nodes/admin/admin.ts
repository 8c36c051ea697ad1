/**
 * The runtime half of the editor plugin: the admin API under `/dlms-gateway`, which the meters sidebar and the test
 * buttons of the dialogs use. `dlms-gateway.read` looks, `dlms-gateway.write` sends something somewhere.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type NodeAPI } from "node-red";
import { errorTable } from "../../src/index.js";
import { Bell } from "./bell.js";
import { fleetView, placesOf } from "./fleet.js";
import { routes } from "./http.js";
import { addMeterRoutes } from "./meters.js";
import { Traces } from "./traces.js";
import { addTrialRoutes } from "./trials.js";

export default function admin(RED: NodeAPI): void {
  const add = routes(RED);
  const traces = new Traces();
  const bell = new Bell(RED, () => traces.places);
  const version = packageVersion(__dirname);

  add("get", "/about", { permission: "read" }, () => ({
    version,
    nodeRed: (RED.settings as { readonly version?: string }).version ?? "unknown",
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    errors: Object.fromEntries(
      Object.entries(errorTable).map(([code, { short, text, fault, retry }]) => [
        code,
        { short, text, fault, retry },
      ]),
    ),
  }));

  add("get", "/fleet", { permission: "read" }, ({ query }) => {
    const listeners = fleetView(placesOf(query["have"]));
    bell.wanted();
    return {
      at: Date.now(),
      memoryMegabytes: Math.round(process.memoryUsage.rss() / 1_048_576),
      listeners,
    };
  });

  addMeterRoutes(add, traces);
  addTrialRoutes(RED, add);
}

/** From the package.json above, wherever this file stands after the build. */
function packageVersion(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    try {
      const found = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, unknown>;
      if (found["name"] === "@dlms-gateway/node-red-dlms") return String(found["version"]);
    } catch (caught) {
      // No package.json in this folder.
      if ((caught as NodeJS.ErrnoException).code !== "ENOENT") throw caught;
    }
    if (dirname(folder) === folder) return "unknown";
  }
}
