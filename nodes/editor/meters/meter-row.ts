/** One row of the meters list: state, serial number, type; below it link age, last success, last error, queue, traffic. */
import { element, setText } from "../dom.js";
import { word } from "../words.js";
import { ago, octets } from "./format.js";
import { type About, hasProblem, type Meter, stateOf } from "./model.js";

export const METER_ROW_HEIGHT = 46;

export function makeMeterRow(row: HTMLElement): void {
  row.classList.add("dlms-meter");
  row.append(
    element("span", { class: "dlms-dot", attributes: { "aria-hidden": "true" } }),
    element("span", { class: "dlms-meter-serial" }),
    element("span", { class: "dlms-meter-type" }),
    element("span", { class: "dlms-meter-life" }),
    element("span", { class: "dlms-meter-trouble" }),
    element("span", { class: "dlms-meter-traffic" }),
  );
}

export function drawMeterRow(row: HTMLElement, { view }: Meter, now: number, about: About | undefined): void {
  const [dot, serial, type, life, trouble, traffic] = row.children as unknown as HTMLElement[];
  if (!dot || !serial || !type || !life || !trouble || !traffic) return;
  const state = stateOf(view);
  dot.dataset["state"] = state;
  setText(serial, view.meterSerialNumber);
  setText(type, view.meterType);
  const parts = [stateWord(state)];
  if (view.linkSince !== undefined) parts[0] = `${parts[0]} ${ago(view.linkSince, now)}`;
  else parts.push(word("meters.row.seen", { ago: ago(view.lastSeen, now) }));
  if (view.lastSuccess !== undefined) parts.push(`✓ ${ago(view.lastSuccess.at, now)}`);
  if (view.queued > 0) parts.push(word("meters.row.queued", { count: view.queued }));
  setText(life, parts.join(" · "));
  const { lastError } = view;
  const isFresh = hasProblem(view);
  setText(
    trouble,
    lastError !== undefined && isFresh
      ? `${about?.errors[lastError.code]?.short ?? lastError.code} ${ago(lastError.at, now)}`
      : view.conflict
        ? word("meters.state.conflict")
        : "",
  );
  trouble.title = lastError === undefined ? "" : lastError.message;
  setText(traffic, `↓ ${octets(view.octetsReceived)} ↑ ${octets(view.octetsSent)}`);
}

export function stateWord(state: ReturnType<typeof stateOf>): string {
  switch (state) {
    case "online":
      return word("meters.state.online");
    case "connecting":
      return word("meters.state.connecting");
    case "offline":
      return word("meters.state.offline");
    case "conflict":
      return word("meters.state.conflict");
  }
}
