/** Push setup: what is pushed, when, and again without a connection. */
import assert from "node:assert/strict";
import { type Data, data, encodeDateTime } from "../../../src/axdr/index.js";
import { parseObis } from "../../../src/cosem/obis.js";
import { type Asker, dialledIn } from "../asker.js";

const PUSH = "0-0:25.9.0.255";
const SECOND = 1000;
const MINUTE = 60 * SECOND;

function pushed(asker: Asker): Data[] {
  return asker.sessionEvents.flatMap((event) =>
    event.type === "notification" && event.notification.type === "data-notification"
      ? [event.notification.body]
      : [],
  );
}

function capture(classId: number, obis: string, attributeId: number, index = 0): Data {
  return data.structure([
    data.longUnsigned(classId),
    data.octetString(parseObis(obis)),
    data.integer(attributeId),
    data.longUnsigned(index),
  ]);
}

function texts(asker: Asker, name: string): string[] {
  return asker.meterEvents.flatMap((event) =>
    event.type === "event" && event.name === name ? [event.text] : [],
  );
}

describe("simulated push setup", () => {
  it("pushes the values its list names, in their order", () => {
    const asker = dialledIn();
    assert.equal(asker.act(40, PUSH, 1, data.integer(0)), "success");
    asker.advance(SECOND);
    const [body] = pushed(asker);
    assert.ok(body?.type === "structure");
    const list = asker.value(40, PUSH);
    assert.ok(list.type === "array");
    assert.equal(body.value.length, list.value.length);
    assert.deepEqual(body.value.slice(0, 2), [
      asker.value(1, "0-0:96.1.0.255"),
      data.octetString(parseObis(PUSH)),
    ]);
    assert.deepEqual(body.value[3], asker.value(3, "1-0:1.8.0.255"));
    assert.deepEqual(body.value[7], asker.value(70, "0-0:96.3.10.255", 3));
  });

  it("pushes another list: elements of attributes, null for what is not there", () => {
    const asker = dialledIn();
    const list = data.array([
      capture(3, "1-0:1.8.0.255", 3, 2),
      capture(3, "9-9:9.9.9.9", 2),
      capture(3, "1-0:1.8.0.255", 3),
    ]);
    assert.equal(asker.write(40, PUSH, list), "success");
    asker.act(40, PUSH, 1, data.integer(0));
    asker.advance(SECOND);
    assert.deepEqual(pushed(asker), [
      data.structure([data.enum(30), data.null(), asker.value(3, "1-0:1.8.0.255", 3)]),
    ]);
    assert.equal(asker.write(40, PUSH, data.array([data.null()])), "type-unmatched");
    assert.equal(
      asker.write(40, PUSH, data.array(new Array(65).fill(list.type === "array" && list.value[0]))),
      "other-reason",
    );
    assert.equal(asker.act(40, PUSH, 1, data.boolean(true)), "type-unmatched");
  });

  it("waits a random while within the start interval, another one each time", () => {
    const asker = dialledIn();
    asker.write(40, PUSH, data.longUnsigned(600), 5);
    const waits = [1, 2].map(() => {
      const before = pushed(asker).length;
      const from = asker.now;
      asker.act(40, PUSH, 1, data.integer(0));
      while (pushed(asker).length === before && asker.now < from + 601 * SECOND) asker.advance(SECOND);
      assert.equal(pushed(asker).length, before + 1);
      return asker.now - from;
    });
    assert.notEqual(waits[0], waits[1]);
  });

  it("waits for its communication window", () => {
    const asker = dialledIn();
    const at = (hour: number): Data =>
      data.octetString(encodeDateTime({ hour, minute: 0, second: 0, hundredths: 0 }));
    asker.write(40, PUSH, data.array([data.structure([at(14), at(15)])]), 4);
    asker.act(40, PUSH, 1, data.integer(0));
    asker.advance(119 * MINUTE);
    assert.equal(pushed(asker).length, 0);
    asker.advance(2 * MINUTE);
    assert.equal(pushed(asker).length, 1);
    asker.act(40, PUSH, 1, data.integer(0));
    asker.advance(SECOND);
    assert.equal(pushed(asker).length, 2, "inside the window at once");
  });

  it("tries again without a connection, and gives up at last", () => {
    const asker = dialledIn();
    asker.write(40, PUSH, data.longUnsigned(600), 7);
    asker.write(40, PUSH, data.unsigned(2), 6);
    asker.act(40, PUSH, 1, data.integer(0));
    asker.tell({ type: "closed" });
    asker.advance(5 * MINUTE);
    asker.tell({ type: "open" });
    assert.equal(pushed(asker).length, 0);
    asker.advance(6 * MINUTE);
    assert.equal(pushed(asker).length, 1);
    asker.associate();
    asker.act(40, PUSH, 1, data.integer(0));
    asker.tell({ type: "closed" });
    asker.advance(21 * MINUTE);
    assert.deepEqual(texts(asker, "push"), ["push given up: no connection"]);
    asker.tell({ type: "open" });
    asker.advance(60 * MINUTE);
    assert.equal(pushed(asker).length, 1);
  });

  it("is called by its script at the time of its schedule", () => {
    const asker = dialledIn();
    const hourly = data.array([
      data.structure([
        data.octetString(Uint8Array.of(0xff, 30, 0, 0)),
        data.octetString(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff)),
      ]),
    ]);
    assert.equal(asker.write(22, "0-0:15.0.4.255", hourly, 4), "success");
    asker.advance(3 * 60 * MINUTE);
    assert.equal(pushed(asker).length, 3);
  });
});
