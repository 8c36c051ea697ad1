/**
 * examples/ciphered-meter.json as it is imported: keys come from the flow, simulated meters have the published test
 * keys, and the meter is read, written, profiled, compared and upgraded under them; none of them is answered.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type NodeAPI } from "node-red";
import { meterTypeOf } from "../../nodes/dlms-meter-type/settings.js";
import { presets, withTestKeys } from "../../src/index.js";
import {
  calls,
  catcher,
  coreNodes,
  type FlowNode,
  freePort,
  load,
  node,
  useNodeRed,
} from "../support/flow.js";

/** The function node, which makes an image. */
// eslint-disable-next-line @typescript-eslint/no-require-imports -- the runtime's own file, which has no types
const functionNode = require("@node-red/nodes/core/function/10-function.js") as (RED: NodeAPI) => void;
const read = (): FlowNode[] =>
  JSON.parse(readFileSync(join(__dirname, "../../examples/ciphered-meter.json"), "utf8")) as FlowNode[];
const TEST_KEYS = ["000102030405060708090A0B0C0D0E0F", "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"];

describe("examples/ciphered-meter.json", () => {
  useNodeRed();

  it("is read, written, profiled, compared and upgraded", async () => {
    const port = String(await freePort());
    const flow = read().map((entry): FlowNode => {
      if (entry.type === "dlms-listener") return { ...entry, port, host: "127.0.0.1", silenceSeconds: "1" };
      if (entry.type === "dlms-simulator") return { ...entry, port, host: "127.0.0.1" };
      if (entry.type === "dlms-meter-server") {
        const [meters = [], pushes = []] = entry["wires"] as string[][];
        return { ...entry, wires: [[...meters, "meters"], pushes] };
      }
      return entry.type === "debug" ? { ...entry, type: "helper" } : entry;
    });
    await load([...flow, { id: "meters", type: "helper" }], {}, [...coreNodes(), functionNode]);
    const named = (name: string): FlowNode => flow.find((entry) => entry["name"] === name) as FlowNode;
    const firmware = flow.find(({ type }) => type === "dlms-firmware") as FlowNode;
    const meters = catcher("meters");
    for (const which of ["first", "second"])
      await meters.next(({ payload }) => payload.event === "associated", `${which} associated meter`);
    const results = catcher(named("result").id);
    const press = async (name: string): Promise<Record<string, unknown>> => {
      node(named(name).id).receive({});
      return (await results.next()).payload;
    };
    const outcome = async (name: string): Promise<unknown> => {
      const result = await press(name);
      assert.equal(result.success, true, JSON.stringify(result));
      return result.outcome;
    };
    assert.equal(await outcome("read"), "read");
    assert.equal(await outcome("summer time is +60 min"), "written");
    const { readings } = (await press("read that back")) as { readings: { value: unknown }[] };
    assert.equal(readings[0]?.value, 60);
    assert.equal(((await press("newest rows")).rows as unknown[]).length, 5);
    assert.match(String(await outcome("compare clock")), /^(in-time|off)$/);
    assert.equal(await outcome("firmware"), "activated");
    const texts = calls(firmware.id, "status").map(([status]) => (status as { text?: string }).text ?? "");
    assert.ok(texts.includes("transferring 50 %"), texts.join());
    const answered = JSON.stringify(results.all.map(({ payload }) => payload));
    for (const key of TEST_KEYS) assert.ok(!answered.includes(key));
  });

  it("types that say keys keep them; what is missing is filled in by suite", () => {
    assert.equal(withTestKeys(presets.hexcell), presets.hexcell);
    assert.equal(withTestKeys(presets.standard), presets.standard);
    const config = { preset: "standard", mechanism: "hls-gmac", suite: "2" };
    const bare = meterTypeOf({ ...config, secretsFrom: "list" } as never, {}, () => undefined).meterType;
    assert.equal(withTestKeys(bare).association.security?.keys.unicast?.reveal().length, 32);
    const own = { unicastKey: "11".repeat(32), authenticationKey: "22".repeat(32) };
    const { meterType } = meterTypeOf(config as never, own, () => undefined);
    assert.equal(withTestKeys(meterType), meterType);
    const { association } = presets.standard;
    const md5 = withTestKeys({ ...presets.standard, association: { ...association, mechanism: "hls-md5" } });
    assert.equal(md5.association.secret?.reveal().length, 8);
  });
});
