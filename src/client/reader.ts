/**
 * Readings: class and attribute inferred, scaler and unit fetched with the values, one failing item spoiling no other.
 * Values of a profile generic's buffer come as rows (profile.ts).
 */
import { type Data, dataCodec } from "../axdr/index.js";
import { encodeAll } from "../bytes/codec.js";
import { toHex } from "../bytes/hex.js";
import { asDlmsError, DlmsError } from "../core/errors.js";
import { attributeType } from "../cosem/classes/index.js";
import { defaultAttribute, inferObject } from "../cosem/dictionary/index.js";
import { formatObis, parseObis } from "../cosem/obis.js";
import { type ObjectListEntry, parseObjectList } from "../cosem/object-list.js";
import { parseShortNameList } from "../cosem/short-names.js";
import { jsonValue } from "../cosem/value.js";
import { type Attributes } from "./attributes.js";
import { type AttributeRef } from "./object-ref.js";
import { type ProfileReader } from "./profile.js";
import { type Reading, type ReadItem } from "./reading.js";
import { scalerKey, type ScalerOutcome, type Scalers } from "./scalers.js";

export interface InferredObject {
  readonly classId: number;
  readonly attributeId?: number;
}

export interface ReaderOptions {
  /** What an OBIS code (`1-0:1.8.0.255`) is on this meter, when the request doesn't say. Default: the dictionary. */
  readonly inferObject?: (obisCode: string) => InferredObject | undefined;
}

interface Target extends AttributeRef {
  readonly obis: string;
}

type Outcome = Reading | { readonly item: ReadItem; readonly target?: Target; readonly error: DlmsError };

const PROFILE_GENERIC = 7;
const BUFFER = 2;
const SHORT_NAME_LIST: AttributeRef = { classId: 12, obis: "0-0:40.0.0.255", attributeId: 2 };
const OBJECT_LIST: AttributeRef = { classId: 15, obis: "0-0:40.0.0.255", attributeId: 2 };

export class Reader {
  readonly #attributes: Attributes;
  readonly #profiles: ProfileReader;
  readonly #scalers: Scalers;
  readonly #infer: (obisCode: string) => InferredObject | undefined;

  constructor(attributes: Attributes, profiles: ProfileReader, scalers: Scalers, options: ReaderOptions) {
    this.#attributes = attributes;
    this.#profiles = profiles;
    this.#scalers = scalers;
    this.#infer = options.inferObject ?? inferObject;
  }

  async readOne(item: ReadItem): Promise<Reading> {
    const [outcome] = (await this.#outcomes([item])) as [Outcome];
    if ("item" in outcome) throw outcome.error;
    return outcome;
  }

  async readMany(items: readonly ReadItem[]): Promise<Reading[]> {
    return (await this.#outcomes(items)).map((outcome) =>
      "item" in outcome ? failedReading(outcome.item, outcome.target, outcome.error) : outcome,
    );
  }

  async readObjectList(): Promise<readonly ObjectListEntry[]> {
    const { logicalNameReferencing = true } = this.#attributes.association ?? {};
    if (logicalNameReferencing) return parseObjectList(await this.#attributes.get(OBJECT_LIST));
    // By short names there is no word of what may be done with an object.
    const list = parseShortNameList(await this.#attributes.get(SHORT_NAME_LIST));
    return list.map(({ classId, version, logicalName }) => ({
      classId,
      version,
      obis: formatObis(logicalName),
      attributes: [],
      methods: [],
    }));
  }

  async #outcomes(items: readonly ReadItem[]): Promise<Outcome[]> {
    // The association may be gone when the last answer is there.
    const { unauthenticated } = this.#attributes.association?.ciphering ?? {};
    const targets = items.map((item) => this.#target(item));
    const plain = targets.filter(
      (target): target is Target => !(target instanceof DlmsError) && !isProfile(target),
    );
    const { values, failedScalers } = await this.#values(plain);
    const outcomes: Outcome[] = [];
    let next = 0;
    for (const [i, item] of items.entries()) {
      const target = targets[i] as Target | DlmsError;
      if (target instanceof DlmsError) outcomes.push({ item, error: target });
      else if (isProfile(target)) outcomes.push(await this.#profile(item, target));
      else {
        const value = values[next++] as Data | DlmsError;
        outcomes.push(makeReading(item, target, value, this.#scalers.find(target, failedScalers)));
      }
    }
    if (unauthenticated === undefined) return outcomes;
    return outcomes.map((outcome) => ("item" in outcome ? outcome : { ...outcome, unauthenticated }));
  }

  /** Values, and the scalers they still need, in as few requests as the meter allows. */
  async #values(targets: readonly Target[]) {
    const scalers = this.#scalers.needed(targets);
    const answers = await this.#attributes.getMany([...scalers, ...targets]);
    const failedScalers = new Map<string, DlmsError>();
    scalers.forEach((ref, i) => {
      const error = this.#scalers.learn(ref, answers[i] as Data | DlmsError);
      if (error !== undefined) failedScalers.set(scalerKey(ref), error);
    });
    return { values: answers.slice(scalers.length), failedScalers };
  }

  async #profile(item: ReadItem, target: Target): Promise<Outcome> {
    const { from, to } = item;
    try {
      const { rows } = await this.#profiles.read({
        obis: target.obis,
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
      });
      return {
        obisCode: target.obis,
        classId: target.classId,
        attributeId: target.attributeId,
        value: rows,
        valueType: "profile",
      };
    } catch (caught) {
      return { item, target, error: asDlmsError(caught) };
    }
  }

  #target(item: ReadItem): Target | DlmsError {
    let obis: string;
    try {
      obis = formatObis(parseObis(item.obisCode));
    } catch (caught) {
      return asDlmsError(caught);
    }
    const inferred = item.classId === undefined ? this.#infer(obis) : undefined;
    const classId = item.classId ?? inferred?.classId;
    if (classId === undefined)
      return new DlmsError("CLASS_UNKNOWN", `The interface class of ${obis} is not known; give classId.`, {
        field: "classId",
      });
    return {
      classId,
      obis,
      attributeId: item.attributeId ?? inferred?.attributeId ?? defaultAttribute(classId),
    };
  }
}

function isProfile({ classId, attributeId }: Target): boolean {
  return classId === PROFILE_GENERIC && attributeId === BUFFER;
}

function makeReading(
  item: ReadItem,
  target: Target,
  value: Data | DlmsError,
  scaled: ScalerOutcome,
): Outcome {
  if (value instanceof DlmsError) return { item, target, error: value };
  if (scaled instanceof DlmsError) return { item, target, error: scaled };
  const { classId, obis, attributeId } = target;
  const type = attributeType(classId, attributeId);
  try {
    const shown = jsonValue(value, {
      ...(type === undefined ? {} : { type }),
      ...(scaled === undefined ? {} : { scaler: scaled.scaler }),
    });
    return {
      obisCode: obis,
      classId,
      attributeId,
      ...shown,
      ...scaled,
      ...(shown.valueType === "date-time" && typeof shown.value === "string"
        ? { timestamp: shown.value }
        : {}),
      raw: toHex(encodeAll(dataCodec, value)),
    };
  } catch (caught) {
    return { item, target, error: asDlmsError(caught) };
  }
}

function failedReading(item: ReadItem, target: Target | undefined, error: DlmsError): Reading {
  return {
    obisCode: target?.obis ?? item.obisCode,
    classId: target?.classId ?? item.classId ?? 0,
    attributeId: target?.attributeId ?? item.attributeId ?? 0,
    value: null,
    valueType: "null-data",
    error: error.toPayload(),
  };
}
