/** Puts a test at the end of each config dialog. */
import { get } from "../api.js";
import { element } from "../dom.js";
import { type EditorNode } from "../editor-node.js";
import { word } from "../words.js";
import { draftOf } from "./draft.js";
import { trialBox } from "./trial-box.js";

interface Found {
  readonly listener: string;
  readonly serial: string;
  readonly meterType: string;
}

export function addListenerTrial(node: EditorNode): void {
  append(
    trialBox({
      kind: "listener",
      label: word("trial.listener.button"),
      hint: word("trial.listener.hint"),
      ask: () => draftOf(node),
    }),
  );
}

export function addBackendTrial(node: EditorNode): void {
  append(
    trialBox({
      kind: "backend",
      label: word("trial.backend.button"),
      hint: word("trial.backend.hint"),
      ask: () => draftOf(node),
    }),
  );
}

export function addMeterTypeTrial(node: EditorNode): void {
  const id = "dlms-trial-meter";
  const suggestions = element("datalist", { attributes: { id: `${id}-list` } });
  const input = element("input", {
    attributes: { type: "text", id, list: `${id}-list`, autocomplete: "off", spellcheck: "false" },
  });
  const label = element("label", { text: word("trial.meterType.meter"), attributes: { for: id } });
  const known = new Map<string, Found>();
  const look = async (): Promise<readonly Found[]> => {
    const { meters } = await get<{ readonly meters: readonly Found[] }>(
      `/meters?q=${encodeURIComponent(input.value.trim())}`,
    );
    for (const meter of meters) known.set(meter.serial, meter);
    suggestions.replaceChildren(
      ...meters.map(({ serial, meterType }) =>
        element("option", { text: meterType, attributes: { value: serial } }),
      ),
    );
    return meters;
  };
  let timer: number | undefined;
  // Without suggestions one can type; what is wrong is told when the test is started.
  const suggest = (): Promise<readonly Found[]> => look().catch(() => []);
  const lookLater = (): void => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void suggest(), 250);
  };
  input.addEventListener("input", lookLater);
  void suggest().then((meters) => {
    const first = meters.find(({ meterType }) => meterType === node["name"]) ?? meters[0];
    if (input.value === "" && first !== undefined) input.value = first.serial;
  });
  append(
    trialBox({
      kind: "meter-type",
      label: word("trial.meterType.button"),
      hint: word("trial.meterType.hint"),
      fields: [label, input, suggestions],
      ask: async () => {
        const serial = input.value.trim().toUpperCase();
        if (!known.has(serial)) await look();
        const meter = known.get(serial);
        if (meter === undefined)
          return serial === "" ? word("trial.meterType.none") : word("trial.meterType.unknown", { serial });
        return { ...draftOf(node), listener: meter.listener, serial };
      },
    }),
  );
}

/** The dialog that is open. */
function append(box: HTMLElement): void {
  const form = document.getElementById("node-config-input-name")?.closest(".dlms-form");
  form?.append(box);
}
