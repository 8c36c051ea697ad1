// The table of meters: one row each, made once and filled with text when something changes.

// One cell each; the codes of a list mean the same, the first one known is shown.
const columns = [
  { label: "Energy", values: [["1-0:1.8.0.255"]] },
  { label: "Credit", values: [["1-0:96.66.0.255", "0-0:19.10.0.255", "0-0:19.1.0.255"]] },
  {
    label: "Supply",
    values: [["1-0:32.7.0.255", "1-0:12.7.0.255"], ["1-0:31.7.0.255", "1-0:11.7.0.255"], ["1-0:14.7.0.255"]],
  },
];
const relayStates = { connected: "good", disconnected: "bad", armed: "warn" };

export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

// A value as people read it; numbers in the reader's own notation.
export function valueText(reading) {
  const { value } = reading;
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") return value.toLocaleString(undefined, { maximumFractionDigits: 3 });
  return String(value);
}

// In a narrow column energy reads best in kWh; the dialog shows the value as it came.
function short(reading) {
  if (reading.unit !== "Wh" || typeof reading.value !== "number") return reading;
  return { ...reading, value: reading.value / 1_000, unit: "kWh" };
}

function ago(iso) {
  const seconds = Math.round((Date.now() - Date.parse(iso)) / 1_000);
  if (!Number.isFinite(seconds)) return "never";
  if (seconds < 2) return "now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h ago`;
  return `${Math.floor(seconds / 86_400)} days ago`;
}

export function createMeterTable(body, actions) {
  const rows = new Map();
  let wanted = "";

  function matches({ meter }) {
    const text = `${meter.meterNumber} ${meter.dialect ?? ""} ${meter.meterType ?? ""}`.toLowerCase();
    return text.includes(wanted);
  }

  function cell(row, label, className) {
    const made = element("td", className);
    if (label) made.dataset.label = label;
    row.element.append(made);
    return made;
  }

  function button(row, text, action, hint) {
    const made = element("button", "", text);
    made.type = "button";
    made.title = hint;
    made.setAttribute("aria-label", `${hint}, meter ${row.meter.meterNumber}`);
    made.addEventListener("click", () => void action(row.meter));
    return made;
  }

  function create(meter) {
    const row = { meter, element: element("tr"), running: 0 };
    const first = cell(row, "", "meter");
    row.type = element("span", "soft");
    const top = element("div");
    top.append(element("span", "serial", meter.meterNumber), row.type);
    row.state = element("b");
    row.seen = element("span");
    row.dialect = element("span");
    const details = element("div", "details");
    details.append(row.state, row.seen, row.dialect);
    first.append(top, details);
    row.relay = element("span", "badge");
    cell(row, "Relay").append(row.relay);
    row.values = columns.map(({ label, values }) => {
      const target = cell(row, label, "num");
      return values.map((codes) => {
        const value = element("span", "value");
        target.append(value);
        return { codes, value };
      });
    });
    const commands = element("div", "commands");
    row.buttons = [
      button(row, "Read", actions.read, "Read the usual values"),
      button(row, "OBIS…", actions.readOne, "Read any OBIS code"),
      button(row, "Connect", actions.connect, "Connect the relay"),
      button(row, "Disconnect", actions.disconnect, "Disconnect the relay"),
      button(row, "Token…", actions.token, "Load a token"),
    ];
    commands.append(...row.buttons);
    cell(row, "", "cell-commands").append(commands);
    rows.set(meter.meterNumber, row);
    // Sorted by number, so that a row keeps its place while others come.
    const next = [...body.children].find((other) => other.dataset.number > meter.meterNumber);
    row.element.dataset.number = meter.meterNumber;
    body.insertBefore(row.element, next ?? null);
    return row;
  }

  function fillValue(target, codes, readings) {
    const reading = codes.map((code) => readings[code]).find((found) => found !== undefined);
    target.replaceChildren();
    target.title = reading
      ? `${reading.label ?? reading.obisCode}, ${new Date(reading.timestamp).toLocaleString()}`
      : "";
    if (reading?.error) {
      target.append(element("span", "soft", "error"));
      target.title = reading.error;
    } else if (reading) {
      const shown = short(reading);
      target.append(valueText(shown), element("small", "", shown.unit ? ` ${shown.unit}` : ""));
    } else target.append(element("span", "soft", "–"));
  }

  function fillState(row) {
    const { meter, running } = row;
    row.state.textContent = running > 0 ? "running…" : meter.status;
    row.state.dataset.state = running > 0 ? "warn" : meter.status === "online" ? "good" : "";
  }

  return {
    show(meter) {
      const row = rows.get(meter.meterNumber) ?? create(meter);
      row.meter = meter;
      row.type.textContent = ` ${meter._id ? (meter.meterType ?? "") : "no record"}`;
      row.dialect.textContent = meter.dialect ? ` · ${meter.dialect}` : "";
      row.element.toggleAttribute("data-offline", meter.status !== "online");
      row.element.title = meter.remoteAddress ? `Dialled in from ${meter.remoteAddress}` : "";
      fillState(row);
      row.relay.textContent = meter.relay;
      row.relay.dataset.state = relayStates[meter.relay] ?? "";
      for (const { codes, value } of row.values.flat()) fillValue(value, codes, meter.readings);
      row.seen.textContent = ` ${ago(meter.lastSeen)}`;
      row.element.hidden = !matches(row);
    },
    // One more or one less command under way.
    busy(meterNumber, change) {
      const row = rows.get(meterNumber);
      if (!row) return;
      row.running += change;
      fillState(row);
    },
    filter(text) {
      wanted = text.trim().toLowerCase();
      for (const row of rows.values()) row.element.hidden = !matches(row);
    },
    tick() {
      for (const row of rows.values()) row.seen.textContent = ` ${ago(row.meter.lastSeen)}`;
    },
    clear() {
      rows.clear();
      body.replaceChildren();
    },
  };
}
