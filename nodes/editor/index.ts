/**
 * The editor script that every dialog of this package shares, loaded once by the plugin, with the meters sidebar.
 * Dialog html holds templates and the literal registration; what a handler does stands here.
 */
import * as check from "./checks.js";
import { dialog } from "./dialog.js";
import { type EditorNode } from "./editor-node.js";
import * as forms from "./forms.js";
import * as listenerForm from "./listener-form.js";
import * as meterTypeForm from "./meter-type-form.js";
import { addMetersSidebar } from "./meters/sidebar.js";
import { addBackendTrial, addListenerTrial, addMeterTypeTrial } from "./trials/index.js";

type Form = { readonly prepare: (node: EditorNode) => void };

/** A dialog with what all of them get; those with a test button have it at their end. */
function whole<F extends Form>(form: F, addTrial: (node: EditorNode) => void = () => undefined): F {
  return { ...form, prepare: dialog(form.prepare, addTrial) };
}

const nothing: Form = { prepare: () => undefined };

const dlmsEditor = {
  check,
  read: whole(forms.read),
  relay: whole(forms.relay),
  token: whole(forms.token),
  write: whole(forms.write),
  action: whole(forms.action),
  loadProfile: whole(forms.loadProfile),
  clock: whole(forms.clock),
  firmware: whole(forms.firmware),
  simulator: whole(forms.simulator),
  meterServer: whole(nothing),
  bridge: whole(nothing),
  hesConnection: whole(forms.hesConnection, addBackendTrial),
  listener: whole(listenerForm, addListenerTrial),
  meterType: whole(meterTypeForm, addMeterTypeTrial),
};

declare global {
  interface Window {
    dlmsEditor: typeof dlmsEditor;
  }
}

window.dlmsEditor = dlmsEditor;
addMetersSidebar();
