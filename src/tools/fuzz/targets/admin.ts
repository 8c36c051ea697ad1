/** The admin endpoints of the editor: any parameters, queries and bodies for every route, each answered in time. */
import { type NodeAPI } from "node-red";
import admin from "../../../../nodes/admin/admin.js";
import { addLiveListener } from "../../../../nodes/shared/live-listeners.js";
import { DlmsError } from "../../../core/errors.js";
import { presets } from "../../../meter-types/presets.js";
import { type Random } from "../random.js";
import { type AnyTarget, hold, type Target } from "../target.js";
import { drawFields, drawJson, drawText } from "../texts.js";

interface AdminInput {
  readonly route: number;
  readonly params: Readonly<Record<string, string>>;
  readonly query: unknown;
  readonly body: unknown;
}

type Handle = (request: object, response: object) => void;

/** Addresses that are tried at once and are nobody's. */
const settings = {
  host: "127.0.0.1",
  port: "0",
  url: "http://127.0.0.1:9",
  apiUrl: "http://127.0.0.1:9/api",
  preset: "hexcell",
  client: "16",
  mechanism: "lls",
  framing: "auto",
  serialCoding: "auto",
  defaultCodes: [{ code: "1-0:1.8.0.255" }],
  socketMode: "auto",
  presence: "socket",
};
const bodies = {
  id: "in",
  listener: "in",
  serial: "46000000001",
  items: [{ obisCode: "1-0:1.8.0.255" }],
  after: 0,
  reader: "r1",
  credentials: { password: "secret", username: "u" },
};
const addresses: ReadonlySet<string> = new Set(["host", "url", "apiUrl"]);

/** Names of hosts would be looked up: what stands for an address is no text by chance. */
function drawConfig(random: Random): unknown {
  if (random.once(8)) return drawJson(random);
  const config = drawFields(random, settings);
  for (const name of addresses)
    if (typeof config[name] === "string") config[name] = settings[name as "host" | "url" | "apiUrl"];
  return config;
}

class AdminTarget implements Target<AdminInput> {
  readonly name = "admin";
  readonly about = "requests for the admin endpoints";
  readonly #routes: Handle[] = [];
  #stop: (() => void) | undefined;
  #permissions = 0;

  draw(random: Random): AdminInput {
    const text = (right: string): string => (random.once(4) ? drawText(random, 5_000) : right);
    return {
      route: random.below(1_000),
      params: { listener: text("in"), serial: text("46000000001") },
      query: random.once(4)
        ? drawJson(random)
        : drawFields(random, {
            have: random.pick(["{}", '{"in":[1,2]}', "[", "{}{"]),
            q: text("46"),
            listener: "in",
          }),
      body: random.once(6) ? drawJson(random) : { ...drawFields(random, bodies), config: drawConfig(random) },
    };
  }

  open(): Promise<void> {
    this.#routes.length = 0;
    this.#permissions = 0;
    const route = (_path: string, permission: unknown, handle: Handle): void => {
      hold(permission === "permission", "a route asks for no permission");
      this.#routes.push(handle);
    };
    admin({
      httpAdmin: { get: route, post: route },
      auth: { needsPermission: () => (this.#permissions++, "permission") },
      comms: { publish: () => undefined },
      events: { on: () => undefined, off: () => undefined },
      settings: { version: "4.0.0" },
      nodes: { getNode: (id: string) => (id === "in" ? { id, credentials: { password: "kept" } } : null) },
      util: { getSetting: () => undefined },
    } as unknown as NodeAPI);
    hold(this.#permissions === this.#routes.length, "a route asks for no permission");
    this.#stop = addLiveListener({ id: "in", name: "incoming", offer: offer() } as never);
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#stop?.();
    return Promise.resolve();
  }

  async run({ route, params, query, body }: AdminInput): Promise<void> {
    const handle = this.#routes[route % this.#routes.length] as Handle;
    const closing: (() => void)[] = [];
    const answer = await new Promise((resolve) => {
      const response = {
        writableEnded: false,
        on: (_event: string, listener: () => void) => closing.push(listener),
        set: () => response,
        status: () => response,
        json: resolve,
      };
      handle({ params, query: typeof query === "object" && query !== null ? query : {}, body }, response);
    });
    for (const listener of closing) listener();
    const text = JSON.stringify(answer);
    hold(!text.includes('"code":"INTERNAL"'), `an inner error was told: ${text.slice(0, 600)}`);
  }
}

const view = {
  ...{ meterSerialNumber: "46000000001", online: true, associated: true },
  ...{ meterType: "hexcell", dialect: "hexcell-login" },
};

/** A listener with one meter that is never there when it is spoken to. */
function offer(): unknown {
  const offline = (): never => {
    throw new DlmsError("METER_OFFLINE");
  };
  const listener = {
    registry: {
      find: (serial: string) => (serial === view.meterSerialNumber ? view : undefined),
      list: () => [view],
      changes: (revision: number) => ({ revision, asOf: revision, meters: [view], more: false }),
    },
    state: { phase: "listening", port: 4000, meters: 1, links: 1 },
    counters: {},
    options: {},
    linkOf: offline,
    disconnect: () => true,
    watch: () => () => undefined,
    execute: (command: object) =>
      Promise.resolve({ ...command, success: false, outcome: "not-sent", attempts: 0 }),
  };
  return {
    address: { host: "127.0.0.1", port: 4000 },
    attached: { listener, journal: { status: { phase: "ready", durable: true } } },
    meterType: () => presets.hexcell,
  };
}

export const adminTargets: readonly AnyTarget[] = [new AdminTarget()];
