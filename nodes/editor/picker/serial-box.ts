/** The meter field of a command node: where a serial number is typed, those of the listener's connected meters. */
import { get } from "../api.js";
import { element, setText } from "../dom.js";
import { word } from "../words.js";
import { Combobox } from "./combobox.js";
import { type Candidate } from "./object-source.js";
import { commandScope } from "./scope.js";

const ROW_HEIGHT = 26;
const PAUSE_MS = 250;

/** @param meter the typed field's own input, which the editor hides behind one that shows. */
export function prepareSerialBox(meter: JQuery): void {
  const field = meter.next(".red-ui-typedInput-container").find("input.red-ui-typedInput-input")[0];
  if (!(field instanceof HTMLInputElement)) return;
  // Node-RED 5 names the field after its label.
  if (!field.hasAttribute("aria-labelledby")) field.setAttribute("aria-label", word("form.serial"));
  let meters: readonly Candidate[] = [];
  let timer: number | undefined;
  const look = async (typed: string): Promise<void> => {
    const { listener } = commandScope();
    if (listener === undefined) return;
    const path = `/meters?listener=${encodeURIComponent(listener)}&q=${encodeURIComponent(typed)}`;
    ({ meters } = await get<{ readonly meters: readonly Candidate[] }>(path));
    box.refresh();
  };
  // A listener that is not deployed has no meters to suggest; that any number may be typed is said.
  const lookLater = (typed: string): void => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void look(typed).catch(() => (meters = [])), typed === "" ? 0 : PAUSE_MS);
  };
  const box = new Combobox<Candidate>({
    field,
    label: word("picker.meters"),
    rowHeight: ROW_HEIGHT,
    keyOf: ({ serial }) => serial,
    makeRow: (row) => {
      row.classList.add("dlms-pick-member");
      row.append(element("span"), element("span"));
    },
    draw: (row, { serial, meterType }) => {
      const [number, type] = row.children as unknown as HTMLElement[];
      if (number) setText(number, serial);
      if (type) setText(type, meterType);
    },
    search: (typed) => meters.filter(({ serial }) => serial.includes(typed.trim().toUpperCase())),
    choose: ({ serial }) => void meter.typedInput("value", serial),
    none: () => word("picker.noSerial"),
    opened: () => lookLater(""),
    isOff: () => meter.typedInput("type") !== "str" || field.value.includes("${"),
  });
  field.addEventListener("input", () => lookLater(field.value.trim()));
}
