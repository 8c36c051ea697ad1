// The two dialogs: loading a token, reading any OBIS code. Both say what is wrong before anything is sent.
import { element, valueText } from "./meters.mjs";

const byId = (id) => document.getElementById(id);
const LARGEST = 2n ** 66n - 1n;

export function tokenProblem(text) {
  if (!/^\d*$/.test(text)) return "A token has digits only.";
  if (text.length !== 20) return `A token has 20 digits; this has ${text.length}.`;
  if (BigInt(text) > LARGEST) return "No token is larger than 73786976294838206463 (66 bits).";
  return undefined;
}

// Any number of 66 bits looks like a token; a simulated meter takes each once.
export function randomToken() {
  const [high, middle, low] = crypto.getRandomValues(new Uint32Array(3));
  const value = (BigInt(high & 3) << 64n) | (BigInt(middle) << 32n) | BigInt(low);
  return value.toString().padStart(20, "0");
}

function hint(target, text, state = "") {
  target.textContent = text;
  target.dataset.state = state;
}

function openDialog(dialog, meter) {
  dialog.querySelector("[data-meter]").textContent = meter.meterNumber;
  dialog.showModal();
}

function closable(dialog) {
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
}

export function createTokenDialog(send) {
  const dialog = byId("token-dialog");
  const input = byId("token");
  const amount = byId("amount");
  const note = byId("token-hint");
  let meter;
  closable(dialog);
  byId("token-random").addEventListener("click", () => {
    input.value = randomToken();
    input.removeAttribute("aria-invalid");
    hint(note, "A made-up token that simulated meters accept once.");
  });
  input.addEventListener("input", () => {
    input.removeAttribute("aria-invalid");
    hint(note, "Blanks and dashes are left out.");
  });
  byId("token-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const token = input.value.replace(/[\s-]/g, "");
    const value = amount.value.trim();
    const problem =
      tokenProblem(token) ??
      (value !== "" && !(Number(value) >= 0) ? "The amount must be a number." : undefined);
    if (problem) {
      input.setAttribute("aria-invalid", "true");
      input.focus();
      hint(note, problem, "bad");
      return;
    }
    dialog.close();
    void send(meter, { token, ...(value === "" ? {} : { amount: Number(value) }) });
  });
  return {
    open(chosen) {
      meter = chosen;
      input.value = "";
      amount.value = "";
      input.removeAttribute("aria-invalid");
      hint(note, "Blanks and dashes are left out.");
      openDialog(dialog, chosen);
      input.focus();
    },
  };
}

export function createReadDialog(read) {
  const dialog = byId("read-dialog");
  const input = byId("obis");
  const note = byId("obis-hint");
  const values = byId("values");
  let meter;
  closable(dialog);

  function fill() {
    const readings = Object.values(meter.readings).sort((a, b) => a.obisCode.localeCompare(b.obisCode));
    values.replaceChildren();
    for (const reading of readings) {
      const name = element("dt", "", reading.label ?? "OBIS code");
      name.append(element("span", "soft", reading.obisCode));
      const value = reading.error ?? `${valueText(reading)}${reading.unit ? ` ${reading.unit}` : ""}`;
      values.append(name, element("dd", reading.error ? "soft" : "", value));
    }
    if (readings.length === 0) values.append(element("dt", "soft", "None yet."), element("dd"));
  }

  byId("read-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const obisCode = input.value.trim();
    if (obisCode === "") {
      input.setAttribute("aria-invalid", "true");
      input.focus();
      hint(note, "Which OBIS code?", "bad");
      return;
    }
    input.removeAttribute("aria-invalid");
    hint(note, `Reading ${obisCode} …`);
    const asked = meter.meterNumber;
    const result = await read(meter, obisCode);
    if (asked !== meter.meterNumber) return;
    const [reading] = result.readings ?? [];
    if (result.success && reading) {
      hint(note, `${obisCode} = ${valueText(reading)}${reading.unit ? ` ${reading.unit}` : ""}`, "good");
    } else hint(note, reading?.error?.message ?? result.detail ?? result.outcome, "bad");
  });

  return {
    open(chosen, codes) {
      meter = chosen;
      const options = codes.map((code) => {
        const option = element("option");
        option.value = code;
        return option;
      });
      byId("obis-list").replaceChildren(...options);
      hint(note, "");
      input.removeAttribute("aria-invalid");
      fill();
      openDialog(dialog, chosen);
      input.focus();
    },
    // The meter has news: shown when this dialog is about it.
    show(changed) {
      if (meter?.meterNumber !== changed.meterNumber) return;
      meter = changed;
      if (dialog.open) fill();
    },
  };
}
