/** Data of a peer that knows the grammar, for all that reads it: readings, object lists, pushes, names, profiles. */
import { type Data, dataCodec } from "../../../axdr/index.js";
import { encodeAll } from "../../../bytes/codec.js";
import { classes } from "../../../cosem/classes/index.js";
import { attributesOf } from "../../../cosem/interface-class.js";
import { parseObjectList } from "../../../cosem/object-list.js";
import {
  type CapturedColumn,
  clockColumn,
  columnList,
  parseSelection,
} from "../../../cosem/selective-access.js";
import { parseShortNameList } from "../../../cosem/short-names.js";
import { jsonValue } from "../../../cosem/value.js";
import { completeRows, rawRows } from "../../../client/profile-rows.js";
import { deviceName, serialFromData } from "../../../gateway/identity.js";
import { claimFromNotification, readNotification } from "../../../gateway/notifications.js";
import { presets } from "../../../meter-types/presets.js";
import { drawValue } from "../draw.js";
import { type Random } from "../random.js";
import { type AnyTarget, refusable, type Target } from "../target.js";
import { drawData } from "./decoders.js";

interface ValueInput {
  readonly value: Data;
  readonly scaler: number;
  /** Of whose declared types it is shown. */
  readonly attribute: number;
}

const attributes = classes.flatMap((declared) => attributesOf(declared));
const notificationOf = (body: Data) =>
  ({
    type: "data-notification",
    longInvoke: {
      invokeId: 1,
      selfDescriptive: false,
      processing: "continue",
      confirmed: false,
      highPriority: false,
    },
    dateTime: Uint8Array.of(7, 0xea, 13, 40, 9, 25, 61, 61, 100, 0x80, 0, 0xff),
    body,
  }) as unknown as Parameters<typeof readNotification>[0];

/** Data that fits some attribute's type. */
export function drawFitting(random: Random): Data | undefined {
  const shape = random.pick(attributes).type.shape;
  return refusable(() => drawValue(random, shape) as Data);
}

/** What fits an attribute's type, or anything at all. */
function draw(random: Random): ValueInput {
  const attribute = random.below(attributes.length);
  const shape = attributes[attribute]?.type.shape ?? dataCodec.shape;
  const fitting = random.once(2) ? refusable(() => drawValue(random, shape) as Data) : drawData(random);
  return { value: fitting ?? { type: "null-data" }, scaler: random.between(-128, 127), attribute };
}

/** A profile's rows filled up: one null after the other, each the one before. */
function rows(value: Data): void {
  const columns =
    value.type === "array" && value.value[0]?.type === "structure" ? value.value[0].value.length : 1;
  const raw = rawRows(value, columns);
  completeRows(raw, new Array<CapturedColumn>(columns).fill(clockColumn), 900);
}

const values: Target<ValueInput> = {
  name: "values",
  about: "what a meter answers and pushes, in the right form",
  draw,
  run({ value, scaler, attribute }, watch) {
    const type = attributes[attribute]?.type;
    watch(() => JSON.stringify(jsonValue(value)));
    watch(() => refusable(() => jsonValue(value, { scaler, ...(type === undefined ? {} : { type }) })));
    watch(() => type?.check(value));
    for (const read of [parseObjectList, parseShortNameList, columnList])
      watch(() => refusable(() => read(value)));
    watch(() => refusable(() => parseSelection({ selector: 1, parameters: value })));
    watch(() => refusable(() => parseSelection({ selector: 2, parameters: value })));
    watch(() => refusable(() => rows(value)));
    watch(() => readNotification(notificationOf(value)));
    for (const { serial } of Object.values(presets)) {
      watch(() => claimFromNotification(notificationOf(value), serial));
      serialFromData(value, serial);
    }
    deviceName(value);
    watch(() => refusable(() => encodeAll(dataCodec, value)));
  },
};

export const valueTargets: readonly AnyTarget[] = [values];
