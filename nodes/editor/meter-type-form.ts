/** The dialog of `dlms-meter-type`: every field empty means "as the preset", and says what that is. */
import { presetHints, type PresetHint } from "./preset-hints.js";
import { type EditorNode } from "./editor-node.js";
import { prepareObjectField } from "./picker/object-field.js";
import { prepareObjectList, readObjectList } from "./picker/object-list.js";
import { ObjectSource } from "./picker/object-source.js";
import { meterTypeScope } from "./picker/scope.js";
import { showSecurity, unfoldReadings } from "./security-fields.js";
import { word } from "./words.js";

export { checkKey, checkSecret } from "./security-fields.js";

const texts = [
  "clientSap",
  "serverSap",
  "responseTimeoutSeconds",
  "interRequestMs",
  "serialObis",
  "stripZerosTo",
  "relayObis",
] as const satisfies (keyof PresetHint)[];

const choices = [
  "framing",
  "hdlcAddressOctets",
  "mechanism",
  "serialCoding",
  "readSerialPublicly",
  "tokenRule",
  "allowReverse",
] as const satisfies (keyof PresetHint)[];

const PUBLIC_CLIENT = "16";
const input = (name: string): JQuery => $(`#node-config-input-${name}`);

export function prepare(node: EditorNode): void {
  const source = new ObjectSource(meterTypeScope);
  prepareObjectList(input("codes-list"), node["codes"], { detailed: false, height: 200, source });
  for (const name of ["serialObis", "relayObis", "tokenObis", "counterObis"])
    prepareObjectField({ source, purpose: "read", code: input(name)[0] as HTMLInputElement });
  prepareObjectList(input("pushObjects-list"), node["pushObjects"], { detailed: true, height: 160, source });
  input("preset").on("change", showHints);
  input("tokenRule").on("change", showCustom);
  input("tokenService").on("change", showCustom);
  for (const name of ["mechanism", "ciphering", "secretsFrom", "signing", "suite"])
    input(name).on("change", showSecret);
  input("codesFrom").on("change", showCodes);
  input("framing").on("change", showHdlc);
  input("servicesFrom").on("change", showServices);
  showHints();
  showCustom();
  showSecret();
  unfoldReadings();
  showServices();
  unfoldAdvanced(node);
  showCodes();
  showHdlc();
}

export function save(node: EditorNode): void {
  node["codes"] = readObjectList(input("codes-list")).map((row) => row.obisCode);
  node["pushObjects"] = readObjectList(input("pushObjects-list"));
}

function hint(): PresetHint | undefined {
  return presetHints[String(input("preset").val())];
}

function showHints(): void {
  const now = hint();
  if (!now) return;
  for (const name of texts) input(name).attr("placeholder", now[name]);
  for (const name of choices) {
    const first = input(name).find('option[value=""]');
    const option = input(name).find(`option[value="${now[name]}"]`).text();
    first.text(word("preset.as", { value: option || now[name] }));
  }
  $("#dlms-preset-codes").text(now.codes);
  showSecret();
  showHdlc();
}

function showCustom(): void {
  $(".dlms-custom-token").toggle(input("tokenRule").val() === "custom");
  const action = input("tokenService").val() === "action";
  $("#dlms-token-member-label").text(word(action ? "token.method" : "token.attribute"));
}

function showSecret(): void {
  const usual = hint()?.clientSap ?? "";
  input("clientSap").attr("placeholder", showSecurity() && usual === PUBLIC_CLIENT ? "1" : usual);
}

/** HDLC's own fields count wherever HDLC may be spoken. */
function showHdlc(): void {
  const framing = String(input("framing").val() ?? "") || hint()?.framing;
  $(".dlms-hdlc").toggle(framing !== "wrapper");
}

function showServices(): void {
  $(".dlms-own-services").toggle(input("servicesFrom").val() === "list");
}

/** Opens what is folded when something in it is not as usual. */
function unfoldAdvanced(node: EditorNode): void {
  const { pushObjects } = node;
  const filled = ["shortNames", "servicesFrom", "behindNetwork", "behindDevice"].some((name) => node[name]);
  $("#dlms-advanced").prop("open", filled || (Array.isArray(pushObjects) && pushObjects.length > 0));
}

function showCodes(): void {
  const own = input("codesFrom").val() === "list";
  $("#dlms-own-codes").toggle(own);
  $("#dlms-preset-codes-row").toggle(!own);
}
