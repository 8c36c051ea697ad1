/** The shipped gateway flow, as `npm start` uses it. */

type FlowNode = Readonly<Record<string, unknown>>;

/** What a record of a simulated meter is created with at the demo backend. */
const demoRecord = {
  createMissing: true,
  area: "demo",
  brand: "simulated",
  model: "demo",
  recordType: "prepaid",
};

/**
 * The flow's own simulated meter is switched off, since the launcher brings a fleet or none is wanted; with the demo
 * backend, records of unknown meters are created.
 */
export function demoFlow(flow: readonly FlowNode[], demo: boolean): FlowNode[] {
  return flow.map((node) => {
    if (node["type"] === "dlms-simulator") return { ...node, d: true };
    if (node["type"] === "hes-connection" && demo) return { ...node, ...demoRecord };
    return node;
  });
}
