/**
 * A fixed run of store calls, and everything that can be seen of a store afterwards. The crash tests stop the run at
 * every call and compare; times and ids are part of the script, so that two runs do the same.
 */
import { type OutboxItem, type Store } from "../../src/store/index.js";
import { read, relay, TOKEN, tokenLoad, withoutOwner } from "./entries.js";

const NOW = 1_700_000_000_000;
const OTHER = TOKEN.replace("1", "2");
const item = (kind: OutboxItem["kind"], value: number): OutboxItem => ({
  meterSerialNumber: String(value % 2),
  kind,
  // Long enough that one call spans several pages.
  body: { value, text: "x".repeat(2_000) },
});

export const script: readonly ((store: Store) => Promise<unknown>)[] = [
  (store) => store.recordCommand(tokenLoad("load", { payload: { token: TOKEN, text: "y".repeat(5_000) } })),
  (store) => store.recordCommand(relay("on", "connect", { hasBackendId: false })),
  (store) => store.markSending("load", NOW, { link: "1" }),
  (store) =>
    store.enqueue(
      [1, 2, 3, 4, 5].map((value) => item("reading", value)),
      NOW,
    ),
  (store) => store.finishCommand("load", { outcome: "accepted" }, NOW, { alsoEnqueue: [item("result", 6)] }),
  (store) => store.recordCommand(tokenLoad("load")),
  (store) => store.recordCommand(tokenLoad("lost", { token: OTHER, hasBackendId: false })),
  (store) => store.markSending("lost", NOW),
  (store) => store.finishCommand("lost", { outcome: "unknown" }, NOW),
  (store) => store.recordCommand(tokenLoad("again", { token: OTHER, hasBackendId: false })),
  (store) => store.recordCommand(relay("off", "disconnect")),
  (store) => store.supersedeRelay("off", NOW, { enqueue: true }),
  (store) =>
    Promise.all([
      store.recordCommand(read("r1", { expiresAt: NOW + 5 })),
      store.reserveCounter("ic", 100, 7),
      store.acknowledge([1, 2]),
      store.defer([3], NOW + 1_000),
    ]),
  (store) => store.respell("off", "058000123"),
  (store) => store.adopt("bridge", "another"),
  (store) => store.expireWaiting(NOW + 10, { enqueue: true }),
  (store) => store.prune(NOW + 8 * 86_400_000),
  (store) => store.recordCommand(tokenLoad("load", { meterSerialNumber: "58000123" })),
];

const ids = ["load", "on", "lost", "again", "off", "r1"];

/** Comes out the same for two stores that hold the same. The counter moves by being looked at, so it comes last. */
export async function everything(store: Store): Promise<string> {
  const commands = await Promise.all(ids.map(async (id) => withoutOwner(await store.command(id))));
  const open = (await store.openCommands()).map(withoutOwner);
  const outbox = await store.peekOutbox({ limit: 1_000, now: NOW - 1e9 });
  const counts = await store.outboxCounts();
  const states = (await store.stats()).commands;
  const next = await store.reserveCounter("ic", 0, 1);
  return JSON.stringify({ commands, open, outbox, counts, states, next });
}
