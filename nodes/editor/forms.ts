/** The smaller dialogs: what each does when it opens and when it is saved. */
import { type EditorNode } from "./editor-node.js";
import { isChosen } from "./form-values.js";
import { prepareObjectField } from "./picker/object-field.js";
import { prepareObjectList, readObjectList } from "./picker/object-list.js";
import { ObjectSource } from "./picker/object-source.js";
import { commandScope } from "./picker/scope.js";
import { prepareSerialBox } from "./picker/serial-box.js";
import { tryRead } from "./picker/try-read.js";
import * as typed from "./typed-fields.js";

/** A meter type as the dialog knows it. */
interface TypeFields {
  readonly mechanism?: string;
  readonly ciphering?: string;
  readonly signing?: string;
}

declare const RED: { readonly nodes: { node(id: string): TypeFields | null | undefined } };

const input = (name: string): JQuery => $(`#node-input-${name}`);
const field = (name: string): HTMLInputElement => input(name)[0] as HTMLInputElement;

function meterField(): void {
  typed.meterField();
  prepareSerialBox(input("meter"));
}

/** Not named after its property: the editor would save the value of such an element, which has none. */
const readList = (): JQuery => $("#dlms-read-codes");

export const read = {
  prepare(node: EditorNode): void {
    meterField();
    const codes = typed.codesField();
    typed.periodField("from");
    typed.periodField("to");
    const source = new ObjectSource(commandScope);
    prepareObjectList(readList(), node["list"], { detailed: true, height: 300, source });
    $("#dlms-read-list").append(tryRead(source, () => readObjectList(readList())));
    const show = (): void => {
      $("#dlms-read-list").toggle(codes.typedInput("type") === "list");
      $(window).trigger("resize");
    };
    codes.on("change", show);
    show();
  },
  save(node: EditorNode): void {
    node["list"] = readObjectList(readList());
  },
};

export const relay = {
  prepare(): void {
    meterField();
    typed.actionField();
  },
};

export const token = {
  prepare(): void {
    meterField();
    typed.tokenField();
  },
};

export const write = {
  prepare(): void {
    meterField();
    typed.valueField();
    prepareObjectField({
      source: new ObjectSource(commandScope),
      purpose: "write",
      code: field("obisCode"),
      classId: field("classId"),
      member: { field: field("attributeId"), kind: "attribute" },
    });
  },
};

export const action = {
  prepare(): void {
    meterField();
    typed.parameterField();
    prepareObjectField({
      source: new ObjectSource(commandScope),
      purpose: "call",
      code: field("obisCode"),
      classId: field("classId"),
      member: { field: field("methodId"), kind: "method" },
    });
  },
};

export const loadProfile = {
  prepare(): void {
    meterField();
    typed.periodField("from");
    typed.periodField("to");
    prepareObjectField({
      source: new ObjectSource(commandScope),
      purpose: "profile",
      code: field("obisCode"),
    });
    const show = (): void => {
      const choose = input("choose").val();
      $("#dlms-profile-from, #dlms-profile-to").toggle(choose === "period");
      $("#dlms-profile-last").toggle(choose === "last");
    };
    input("choose").on("change", show);
    show();
  },
};

export const clock = {
  prepare(): void {
    meterField();
    typed.clockActionField();
  },
};

export const firmware = {
  prepare(): void {
    meterField();
    typed.firmwareFields();
  },
};

export const simulator = {
  prepare(node: EditorNode): void {
    const show = (): void => {
      const suffix = input("mode").val() === "listen" ? "Listen" : "";
      for (const name of ["host", "port"])
        input(name).attr("placeholder", node._(`placeholder.${name}${suffix}`));
    };
    input("mode").on("change", show);
    show();
    const own = input("meterType");
    const showPreset = (): void => {
      $("#dlms-simulator-preset").toggle(!isChosen(own.val()));
      const { mechanism, ciphering, signing } = RED.nodes.node(String(own.val() ?? "")) ?? {};
      $("#dlms-simulator-key").toggle(mechanism === "hls-ecdsa" || Boolean(ciphering && signing));
    };
    own.on("change", showPreset);
    showPreset();
  },
};

export const hesConnection = {
  prepare(): void {
    const box = $("#node-config-input-createMissing");
    const show = (): void => {
      $(".dlms-create-missing").toggle(box.is(":checked"));
    };
    box.on("change", show);
    show();
  },
};
