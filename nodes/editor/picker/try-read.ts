/** Reads what a list names from a connected meter at once, so that one sees what will come. */
import { asApiError, meterPath, post } from "../api.js";
import { button, element, setText } from "../dom.js";
import { type ReadAnswer } from "../meters/objects-view.js";
import { readingsTable } from "../meters/readings.js";
import { word } from "../words.js";
import { type CodeRow } from "./object-list-row.js";
import { type ObjectSource } from "./object-source.js";
import { ofCode } from "./objects.js";

declare const RED: { readonly user: { hasPermission(permission: string): boolean } };

/** The runtime's bound is higher; a dialog has room for so many. */
const MOST = 20;

export function tryRead(source: ObjectSource, rows: () => readonly CodeRow[]): HTMLElement {
  const status = element("div", { class: "dlms-note-line", attributes: { role: "status" } });
  const values = element("div");
  const run = async (): Promise<void> => {
    values.replaceChildren();
    const items = rows()
      .filter(({ obisCode }) => ofCode(obisCode) !== undefined)
      .slice(0, MOST);
    if (items.length === 0) return setText(status, word("picker.tryNothing"));
    await source.prepare();
    const { meter } = source;
    if (meter === undefined) return setText(status, word("picker.tryNoMeter"));
    const { serial, listener } = meter;
    setText(status, word("picker.trying", { serial }));
    const { readings = [], explained } = await post<ReadAnswer>(`${meterPath(listener, serial)}/read`, {
      items,
    });
    setText(status, explained?.message ?? word("picker.tried", { serial }));
    values.append(
      readingsTable(readings, ({ obisCode }) =>
        [obisCode, ofCode(obisCode)?.description].filter(Boolean).join(" "),
      ),
    );
  };
  const press = button({
    label: word("picker.try"),
    icon: "download",
    onClick: () => {
      press.disabled = true;
      void run()
        .catch((caught: unknown) => setText(status, asApiError(caught).message))
        .finally(() => (press.disabled = false));
    },
  });
  if (!RED.user.hasPermission("dlms-gateway.write")) {
    press.disabled = true;
    press.title = word("meters.mayNot");
  }
  return element("div", { class: "dlms-try", children: [press, status, values] });
}
