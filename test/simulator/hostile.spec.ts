/** Whatever fits the types may be written and called: the meter goes on, and all it holds can still be read and sent. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Data, data, dataCodec } from "../../src/axdr/index.js";
import { encodeAll } from "../../src/bytes/codec.js";
import { attributeById, classById } from "../../src/cosem/classes/index.js";
import { methodsOf } from "../../src/cosem/interface-class.js";
import { formatObis } from "../../src/cosem/obis.js";
import { itself } from "../../src/simulator/object-store.js";
import { standardObjects } from "../../src/simulator/objects/standard.js";
import { clock } from "../../src/simulator/objects/clock.js";
import { account } from "../../src/simulator/objects/account.js";
import { charge } from "../../src/simulator/objects/charges.js";
import { credit } from "../../src/simulator/objects/credits.js";
import { arbitraryOf } from "../support/check-codec.js";
import { aMeter, NOON } from "./asker.js";

const HOUR = 3_600_000;

type Change =
  { readonly set: number; readonly value: Data } | { readonly call: number; readonly value: Data };

for (const object of [...standardObjects, clock, account, charge, credit]) {
  const { classId, logicalName } = object;
  const name = `${classById(classId)?.name} ${formatObis(logicalName)}`;
  const writes = object.attributes
    .filter(({ set }) => set !== undefined)
    .map(({ id }) => {
      const shape = attributeById(classId, id)?.type.shape ?? dataCodec.shape;
      return arbitraryOf({ ...dataCodec, shape }, 2).map((value): Change => ({
        set: id,
        value: value as Data,
      }));
    });
  const calls = (object.methods ?? []).map(({ id }) => {
    const declared = classById(classId);
    const parameter = declared && methodsOf(declared).find((method) => method.id === id)?.parameter;
    const drawn =
      parameter === undefined
        ? fc.constant(data.integer(0))
        : arbitraryOf({ ...dataCodec, shape: parameter.shape }, 2);
    return drawn.map((value): Change => ({ call: id, value: value as Data }));
  });
  const changes = [...writes, ...calls];
  if (changes.length === 0) continue;

  describe(`hostile clients: ${name}`, () => {
    it("change it to anything, and the meter goes on", () => {
      fc.assert(
        fc.property(fc.array(fc.oneof(...changes), { minLength: 1, maxLength: 6 }), (drawn) => {
          const meter = aMeter();
          meter.send(0, { type: "open" });
          let now = 0;
          for (const change of drawn) {
            const t = NOON + now;
            const result =
              "set" in change
                ? meter.model.write(meter.state, classId, logicalName, change.set, change.value, t)
                : meter.model.call(meter.state, classId, logicalName, change.call, change.value, t);
            assert.ok(typeof result === "string");
            // As a request does: objects that act by themselves are asked anew with the next turn.
            meter.state.note(t, "script", "changed");
            now += 1_000;
            meter.send(now, { type: "faults", faults: {} });
          }
          for (let i = 0; i < 50; i++) {
            now = Math.min(meter.nextTimeout() ?? now + HOUR, now + HOUR);
            meter.handleTimeout(now);
          }
          for (const { id, access } of object.attributes)
            if (access.includes("r"))
              encodeAll(dataCodec, meter.model.value(meter.state, object, id, NOON + now, itself));
        }),
        { numRuns: 25 },
      );
    });
  });
}
