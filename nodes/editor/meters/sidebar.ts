/** The meters tab of the editor's sidebar, in whichever sidebar and section the editor puts it. */
import { element } from "../dom.js";
import { word } from "../words.js";
import { DetailView } from "./detail-view.js";
import { ListView } from "./list-view.js";
import { FleetStore } from "./store.js";

declare const RED: {
  readonly plugins: {
    registerPlugin(id: string, plugin: { readonly type: string; readonly onadd: () => void }): void;
  };
  readonly sidebar: {
    addTab(tab: {
      readonly id: string;
      readonly name: string;
      readonly label: string;
      readonly iconClass: string;
      readonly content: HTMLElement;
      readonly enableOnEdit: boolean;
      readonly action: string;
    }): void;
    show(id: string): void;
  };
  readonly actions: { add(name: string, act: () => void): void };
  readonly user: { hasPermission(permission: string): boolean };
  notify(text: string, options: { readonly type: "success"; readonly timeout: number }): void;
};

export const TAB = "dlms-meters";
/** Ages are drawn anew so often. */
const TICK_MS = 5_000;

export function addMetersSidebar(): void {
  RED.plugins.registerPlugin("dlms-gateway-sidebar", { type: "dlms-sidebar", onadd: addTab });
}

function addTab(): void {
  const store = new FleetStore();
  const notify = (text: string): void => RED.notify(text, { type: "success", timeout: 2_000 });
  const mayAsk = RED.user.hasPermission("dlms-gateway.write");
  const detail = new DetailView(store, mayAsk, () => showList(), notify);
  const list = new ListView(
    store,
    (meter) => {
      list.element.hidden = true;
      detail.element.hidden = false;
      detail.open(meter);
    },
    notify,
  );
  const showList = (): void => {
    const key = detail.meter?.key;
    detail.close();
    detail.element.hidden = true;
    list.element.hidden = false;
    list.draw();
    list.focus(key);
  };
  detail.element.hidden = true;
  const content = element("div", { class: "dlms-sidebar", children: [list.element, detail.element] });

  let isSeen = false;
  let tick: number | undefined;
  const draw = (): void => (list.element.hidden ? detail.draw() : list.draw());
  const look = (): void => {
    const now = content.offsetHeight > 0 && document.visibilityState === "visible";
    if (now === isSeen) return;
    isSeen = now;
    store.watched(now);
    detail.seen(now);
    window.clearInterval(tick);
    if (!now) return;
    draw();
    tick = window.setInterval(() => (list.element.hidden ? detail.draw() : list.tick()), TICK_MS);
  };
  store.subscribe(() => {
    if (isSeen) draw();
  });
  // Both editors hide a tab by giving it no room.
  new ResizeObserver(look).observe(content);
  document.addEventListener("visibilitychange", look);
  list.draw();

  const action = "dlms-gateway:show-meters";
  RED.sidebar.addTab({
    id: TAB,
    name: word("meters.title"),
    label: word("meters.title"),
    iconClass: "fa fa-tachometer",
    content,
    enableOnEdit: true,
    action,
  });
  RED.actions.add(action, () => RED.sidebar.show(TAB));
}
