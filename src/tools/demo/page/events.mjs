// The live list of events, newest on top, bounded.
import { element } from "./meters.mjs";

const MOST = 200;

export function createEventList(list) {
  return {
    add(event) {
      const item = element("li");
      if (event.success !== undefined) item.dataset.state = event.success ? "good" : "bad";
      const time = element("time", "", new Date(event.at).toLocaleTimeString());
      time.dateTime = event.at;
      const text = element("span");
      if (event.meterNumber) text.append(element("span", "who", event.meterNumber));
      text.append(event.text);
      item.append(time, text);
      list.prepend(item);
      while (list.children.length > MOST) list.lastElementChild.remove();
    },
    clear() {
      list.replaceChildren();
    },
  };
}
