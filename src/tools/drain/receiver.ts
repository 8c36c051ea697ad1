/**
 * The backend of a drain run, in a process of its own so that the gateway's memory and speed are its own: the demo
 * backend, and a tally that outlives its restarts. Ends with the process that started it.
 */
import { startDemoBackend, type DemoBackend } from "../demo/backend.js";
import { NUMBER } from "./plan.js";
import { Tally, type TallyCounts } from "./tally.js";

export interface ReceiverStart {
  readonly port: number;
  readonly serials: readonly string[];
  readonly perMeter: number;
}
export type ToReceiver = ({ readonly type: "start" } & ReceiverStart) | { readonly type: "restart" };
/** `done` answers what it was told; counts come by themselves. */
export type FromReceiver =
  { readonly type: "done" } | { readonly type: "counts"; readonly counts: TallyCounts };

let backend: DemoBackend | undefined;
let start: ReceiverStart | undefined;
let tally: Tally | undefined;

async function open({ port }: ReceiverStart): Promise<void> {
  backend = await startDemoBackend({
    port,
    confirms: true,
    onUpdate: (payload) => {
      const { type, meterSerialNumber, [NUMBER]: number } = payload as Readonly<Record<string, unknown>>;
      if (type === "reading") tally?.arrived(meterSerialNumber, number);
    },
  });
}

async function onMessage(message: ToReceiver): Promise<void> {
  if (message.type === "start") {
    start = message;
    tally = new Tally(message.serials, message.perMeter);
  } else await backend?.close();
  if (start !== undefined) await open(start);
  send({ type: "done" });
}

function send(message: FromReceiver): void {
  process.send?.(message);
}

process.once("disconnect", () => process.exit());
setInterval(() => {
  if (tally !== undefined) send({ type: "counts", counts: tally.counts });
}, 100).unref();
process.on("message", (message: ToReceiver) => {
  onMessage(message).catch((caught: unknown) => {
    console.error(caught);
    process.exit(1);
  });
});
