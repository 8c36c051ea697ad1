/** Simulated meters over real sockets: they dial in, come back after every end, listen, and stop without a trace. */
import assert from "node:assert/strict";
import { dialectByName } from "../../src/meter-types/dialects/index.js";
import { presets } from "../../src/meter-types/presets.js";
import { fleetPlan } from "../../src/simulator/fleet.js";
import { type ByteChannel } from "../../src/transport/channel.js";
import { connectMeter } from "../../src/transport/connect.js";
import {
  SimulatorHost,
  type SimulatorHostEvent,
  type SimulatorHostOptions,
} from "../../src/transport/simulator-host.js";
import { listenTcp, type TcpServer } from "../../src/transport/tcp.js";

const quick = { reconnectMinMs: 20, reconnectMaxMs: 60, startGapMs: 1 } as const;

async function until(condition: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 15_000;
  while (!condition()) {
    if (Date.now() > end) assert.fail(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe("simulator host", () => {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const thing of open.splice(0).reverse()) await thing.close();
  });

  function host(options: SimulatorHostOptions): { host: SimulatorHost; events: SimulatorHostEvent[] } {
    const events: SimulatorHostEvent[] = [];
    const made = new SimulatorHost({ ...quick, ...options, onEvent: (event) => events.push(event) });
    open.push({ close: () => made.stop() });
    made.start();
    return { host: made, events };
  }

  async function gateway(): Promise<{ server: TcpServer; channels: ByteChannel[]; firsts: string[] }> {
    const channels: ByteChannel[] = [];
    const firsts: string[] = [];
    const server = await listenTcp({
      port: 0,
      host: "127.0.0.1",
      onChannel: (channel) => {
        channels.push(channel);
        let first = true;
        channel.onData((bytes) => {
          if (first) firsts.push(Buffer.from(bytes).toString("hex"));
          first = false;
        });
      },
    });
    open.push(server);
    return { server, channels, firsts };
  }

  it("dials in with every meter and comes back when the connection ends", async () => {
    const { server, channels, firsts } = await gateway();
    const plan = fleetPlan({ count: 3, seed: 1, dialects: ["hexcell-login", "hexing-heartbeat", "push"] });
    const { host: fleet, events } = host({
      meters: plan,
      transport: { mode: "dial", host: "127.0.0.1", port: server.port },
    });
    await until(() => firsts.length === 3 && fleet.connected === 3, "three logins");
    assert.ok(firsts.some((first) => first.startsWith("8ea1046000000001")));
    channels[0]?.destroy();
    await until(() => channels.length === 4 && fleet.connected === 3, "the one cut off is back");
    assert.equal(events.filter(({ name }) => name === "disconnected").length, 1);
  });

  it("keeps trying while nobody listens, telling each time", async () => {
    const closed = await listenTcp({ port: 0, host: "127.0.0.1", onChannel: () => undefined });
    const { port } = closed;
    await closed.close();
    const { host: fleet, events } = host({
      meters: fleetPlan({ count: 1, seed: 1 }),
      transport: { mode: "dial", host: "127.0.0.1", port },
    });
    await until(() => events.filter(({ name }) => name === "dial-failed").length >= 2, "two failed dials");
    const server = await listenTcp({
      port,
      host: "127.0.0.1",
      onChannel: (channel) => channel.onData(() => undefined),
    });
    open.push(server);
    await until(() => fleet.connected === 1, "the gateway is there at last");
  });

  it("hangs up and dials again when a fault says so", async () => {
    const { server, channels } = await gateway();
    const { host: fleet, events } = host({
      meters: fleetPlan({ count: 1, seed: 1 }),
      transport: { mode: "dial", host: "127.0.0.1", port: server.port },
    });
    await until(() => fleet.connected === 1, "connected");
    fleet.meters[0]?.send({ type: "hang-up" });
    await until(() => channels.length === 2 && fleet.connected === 1, "dialled again");
    assert.ok(events.some(({ name }) => name === "hung-up"));
  });

  it("listens, one port a meter, and is read by a client that calls", async () => {
    const standard = { meterType: presets.standard, seed: 3 };
    const plain = dialectByName("plain-wrapper");
    assert.ok(plain);
    const { host: fleet } = host({
      meters: ["11111111111", "22222222222"].map((serial) => ({ ...standard, serial, dialect: plain })),
      transport: { mode: "listen", host: "127.0.0.1", port: 0 },
    });
    await until(() => fleet.meters.every(({ port }) => port !== undefined), "both listen");
    for (const { port, serial } of fleet.meters) {
      const client = await connectMeter({
        host: "127.0.0.1",
        port,
        framing: "wrapper",
        clientSap: 16,
        serverSap: 1,
      });
      const value = await client.get({ classId: 1, obis: "0-0:96.1.0.255", attributeId: 2 });
      assert.ok(value.type === "octet-string");
      assert.equal(Buffer.from(value.value).toString("latin1"), serial);
      client.close();
    }
  });

  it("lets tests press the button, set faults and see the ledger, connected or not", () => {
    const made = new SimulatorHost({
      meters: fleetPlan({ count: 2, seed: 1, controlMode: 2, relayDelayMs: 0 }),
      transport: { mode: "dial", host: "127.0.0.1", port: 1 },
    });
    const [meter] = made.meters;
    assert.ok(meter);
    meter.pressButton("disconnect");
    assert.equal(meter.meter.state.controlState, 2);
    meter.pressButton();
    assert.deepEqual(
      made.ledger.relayChanges(meter.serial).map(({ state }) => state),
      [2, 1],
    );
    meter.setFaults({ silent: true });
    assert.deepEqual(made.meter(meter.serial).meter.faults, { silent: true });
    assert.throws(() => made.meter("0"), RangeError);
  });

  it("frees its ports and sockets when stopped, at whatever moment", async () => {
    const { server } = await gateway();
    const { host: fleet } = host({
      meters: fleetPlan({ count: 20, seed: 1 }),
      transport: { mode: "dial", host: "127.0.0.1", port: server.port },
    });
    await until(() => fleet.connected > 5, "some are in");
    await fleet.stop();
    assert.equal(fleet.connected, 0);
    await until(() => server.links === 0, "no socket is left");
  });
});
