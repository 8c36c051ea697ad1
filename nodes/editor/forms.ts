/** The smaller dialogs: what each does when it opens and when it is saved. */
import { prepareCodeList, readCodeList } from "./code-list.js";
import { type EditorNode } from "./editor-node.js";
import * as typed from "./typed-fields.js";

const input = (name: string): JQuery => $(`#node-input-${name}`);

export const read = {
  prepare(node: EditorNode): void {
    typed.meterField();
    const codes = typed.codesField();
    typed.periodField("from");
    typed.periodField("to");
    prepareCodeList(input("list"), node["list"], { detailed: true, height: 180 });
    const show = (): void => {
      $("#dlms-read-list").toggle(codes.typedInput("type") === "list");
      $(window).trigger("resize");
    };
    codes.on("change", show);
    show();
  },
  save(node: EditorNode): void {
    node["list"] = readCodeList(input("list"));
  },
};

export const relay = {
  prepare(): void {
    typed.meterField();
    typed.actionField();
  },
};

export const token = {
  prepare(): void {
    typed.meterField();
    typed.tokenField();
  },
};

export const write = {
  prepare(): void {
    typed.meterField();
    typed.valueField();
  },
};

export const action = {
  prepare(): void {
    typed.meterField();
    typed.parameterField();
  },
};

export const loadProfile = {
  prepare(): void {
    typed.meterField();
    typed.periodField("from");
    typed.periodField("to");
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
    typed.meterField();
    typed.clockActionField();
  },
};

export const firmware = {
  prepare(): void {
    typed.meterField();
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
