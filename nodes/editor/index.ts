/**
 * The editor script that every dialog of this package shares, loaded once by the plugin, with the meters sidebar.
 * Dialog html holds templates and the literal registration; what a handler does stands here.
 */
import * as check from "./checks.js";
import { type EditorNode } from "./editor-node.js";
import * as forms from "./forms.js";
import * as listenerForm from "./listener-form.js";
import * as meterTypeForm from "./meter-type-form.js";
import { addMetersSidebar } from "./meters/sidebar.js";
import { addBackendTrial, addListenerTrial, addMeterTypeTrial } from "./trials/index.js";

/** The dialog's own preparation, and its test button at the end. */
function withTrial(prepare: (node: EditorNode) => void, addTrial: (node: EditorNode) => void) {
  return (node: EditorNode): void => {
    prepare(node);
    addTrial(node);
  };
}

const dlmsEditor = {
  check,
  ...forms,
  hesConnection: { prepare: withTrial(() => forms.hesConnection.prepare(), addBackendTrial) },
  listener: { ...listenerForm, prepare: withTrial(listenerForm.prepare, addListenerTrial) },
  meterType: { ...meterTypeForm, prepare: withTrial(meterTypeForm.prepare, addMeterTypeTrial) },
};

declare global {
  interface Window {
    dlmsEditor: typeof dlmsEditor;
  }
}

window.dlmsEditor = dlmsEditor;
addMetersSidebar();
