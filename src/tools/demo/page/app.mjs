// The demo page: shows what the demo backend knows, live, and sends commands. Everything shown is set as text.
import { io } from "/socket.io/socket.io.esm.min.js";
import { createReadDialog, createTokenDialog } from "./dialogs.mjs";
import { createEventList } from "./events.mjs";
import { createMeterTable } from "./meters.mjs";

const RESULT_MS = 130_000;
const socket = io("/page");
const byId = (id) => document.getElementById(id);
const meters = new Map();
let defaultCodes = {};

const events = createEventList(byId("events"));
const readDialog = createReadDialog((meter, obisCode) => command("read-meter", meter, { obisCode }));
const tokenDialog = createTokenDialog((meter, fields) => command("remote-load", meter, fields));
const table = createMeterTable(byId("meters"), {
  read: (meter) => command("read-meter", meter, { obisCodes: codesOf(meter) }),
  readOne: (meter) => readDialog.open(meter, codesOf(meter)),
  connect: (meter) => command("remote-control", meter, { action: "connect" }),
  disconnect: (meter) => command("remote-control", meter, { action: "disconnect" }),
  token: (meter) => tokenDialog.open(meter),
});

function codesOf(meter) {
  return defaultCodes[meter.meterType] ?? defaultCodes.standard ?? ["1-0:1.8.0.255"];
}

// Resolves with the command's final result; while it runs, the meter's row shows it.
async function command(name, meter, fields) {
  table.busy(meter.meterNumber, 1);
  try {
    return await socket
      .timeout(RESULT_MS)
      .emitWithAck("command", name, { meterNumber: meter.meterNumber, ...fields });
  } catch {
    return { success: false, outcome: "unknown", detail: "The page got no answer from the backend." };
  } finally {
    table.busy(meter.meterNumber, -1);
  }
}

function count(id, text, state) {
  const item = byId(id);
  item.textContent = text;
  item.dataset.state = state;
}

function countMeters() {
  let online = 0;
  for (const meter of meters.values()) if (meter.status === "online") online += 1;
  count("count-meters", `${online} of ${meters.size} meters online`, online > 0 ? "on" : "off");
  byId("no-meters").hidden = meters.size > 0;
}

function show(meter) {
  meters.set(meter.meterNumber, meter);
  table.show(meter);
  readDialog.show(meter);
}

function showGateways(gateways) {
  count(
    "count-gateways",
    `${gateways} ${gateways === 1 ? "gateway" : "gateways"}`,
    gateways > 0 ? "on" : "off",
  );
}

socket.on("connect", () => count("count-backend", "backend live", "on"));
socket.on("disconnect", () => count("count-backend", "backend away", "bad"));
socket.on("connect_error", () => count("count-backend", "backend away", "bad"));
socket.on("snapshot", (snapshot) => {
  meters.clear();
  table.clear();
  events.clear();
  defaultCodes = snapshot.defaultCodes;
  snapshot.meters.forEach(show);
  snapshot.events.forEach((event) => events.add(event));
  showGateways(snapshot.gateways);
  countMeters();
});
socket.on("meter", (meter) => {
  show(meter);
  countMeters();
});
socket.on("event", (event) => events.add(event));
socket.on("gateways", showGateways);

byId("filter").addEventListener("input", (event) => table.filter(event.target.value));
byId("read-all").addEventListener("click", () => {
  for (const meter of meters.values()) {
    if (meter.status === "online") void command("read-meter", meter, { obisCodes: codesOf(meter) });
  }
});
setInterval(() => table.tick(), 1_000);
countMeters();
