/**
 * The editor script that every dialog of this package shares, loaded once by the plugin. Dialog html holds templates
 * and the literal registration; what a handler does stands here.
 */
import * as check from "./checks.js";
import * as forms from "./forms.js";
import * as listener from "./listener-form.js";
import * as meterType from "./meter-type-form.js";

const dlmsEditor = { check, ...forms, listener, meterType };

declare global {
  interface Window {
    dlmsEditor: typeof dlmsEditor;
  }
}

window.dlmsEditor = dlmsEditor;
