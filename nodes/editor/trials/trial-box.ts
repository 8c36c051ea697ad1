/**
 * The test at the end of a config dialog: a button, and step by step what was found; where something failed, what it
 * means and what to do, and the frames that passed.
 */
import { type ExplainedError, asApiError, post } from "../api.js";
import { button, element, icon, setText } from "../dom.js";
import { word } from "../words.js";
import { advice, stepText, stepTitle } from "./words.js";

declare const RED: { readonly user: { hasPermission(permission: string): boolean } };

interface Frame {
  readonly direction: "in" | "out";
  readonly summary: string;
  readonly table: string;
  readonly hex: string;
}

interface Step {
  readonly step: string;
  readonly state: "ok" | "failed" | "skipped";
  readonly facts: Readonly<Record<string, string | number>>;
  readonly error?: ExplainedError;
  readonly frames?: readonly Frame[];
}

interface Report {
  readonly ok: boolean;
  readonly steps: readonly Step[];
}

export interface TrialOptions {
  readonly kind: "listener" | "backend" | "meter-type";
  readonly label: string;
  readonly hint: string;
  /** What is asked for before the button. */
  readonly fields?: readonly HTMLElement[];
  /** What to send. A text instead says why nothing can be tried. */
  readonly ask: () => Promise<object | string> | object | string;
}

export function trialBox({ kind, label, hint, fields = [], ask }: TrialOptions): HTMLElement {
  const status = element("div", { class: "dlms-trial-status", attributes: { role: "status" } });
  const steps = element("ol", { class: "dlms-trial-steps" });
  const start = button({ label, icon: "stethoscope", onClick: () => void run() });
  start.classList.add("dlms-trial-start");
  start.classList.remove("red-ui-button-small");
  const mayTest = RED.user.hasPermission("dlms-gateway.write");
  start.disabled = !mayTest;

  async function run(): Promise<void> {
    start.disabled = true;
    steps.replaceChildren();
    status.dataset["state"] = "busy";
    setText(status, word("trial.running"));
    try {
      const asked = await ask();
      if (typeof asked === "string") {
        show(false, asked);
        return;
      }
      const report = await post<Report>(`/test/${kind}`, asked);
      steps.append(...report.steps.map(stepElement));
      show(report.ok, report.ok ? word("trial.ok") : word("trial.failed"));
    } catch (caught) {
      show(false, asApiError(caught).message);
    } finally {
      start.disabled = false;
    }
  }

  function show(ok: boolean, text: string): void {
    status.dataset["state"] = ok ? "ok" : "failed";
    setText(status, text);
  }

  return element("div", {
    class: "dlms-trial",
    attributes: { "data-kind": kind },
    children: [
      element("h4", { text: word("trial.title") }),
      element("p", { class: "dlms-trial-hint", text: mayTest ? hint : word("meters.mayNot") }),
      element("div", { class: "dlms-toolbar dlms-wrap", children: [...fields, start, status] }),
      steps,
    ],
  });
}

const marks = { ok: "check-circle", failed: "times-circle", skipped: "minus-circle" } as const;

function stepElement({ step, state, facts, error, frames = [] }: Step): HTMLElement {
  const text = [element("strong", { text: stepTitle(step) }), document.createTextNode(" ")];
  if (error === undefined)
    text.push(document.createTextNode(state === "ok" ? stepText(step, facts) : word("trial.skipped")));
  else text.push(document.createTextNode(error.message));
  const helps = error === undefined ? undefined : advice(error.code, error.field);
  return element("li", {
    attributes: { "data-state": state, "data-step": step },
    children: [
      element("div", {
        class: "dlms-trial-step",
        children: [
          icon(marks[state]),
          element("span", { class: "dlms-hidden", text: `${stateWord(state)}: ` }),
          element("span", { children: text }),
        ],
      }),
      helps === undefined ? undefined : element("div", { class: "dlms-trial-advice", text: helps }),
      frames.length === 0 ? undefined : framesElement(frames),
    ],
  });
}

function framesElement(frames: readonly Frame[]): HTMLElement {
  return element("details", {
    class: "dlms-trial-frames",
    children: [
      element("summary", { text: word("trial.frames", { count: frames.length }) }),
      element("pre", {
        attributes: { tabindex: "0" },
        text: frames
          .map(({ direction, summary, table, hex }) => {
            const head = `${direction === "in" ? "←" : "→"} ${summary}`;
            return `${head}\n${table === "" ? hex : table}`;
          })
          .join("\n\n"),
      }),
    ],
  });
}

function stateWord(state: Step["state"]): string {
  if (state === "ok") return word("trial.state.ok");
  return state === "failed" ? word("trial.state.failed") : word("trial.state.skipped");
}
