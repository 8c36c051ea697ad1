/**
 * Class and attribute of an OBIS code: from the request, else the meter's own object list (when it was read already),
 * else the meter type, else the dictionary, else the object list read now. A list is read once per meter type and
 * firmware and kept.
 */
import { type DlmsClient, type ReadItem } from "../client/index.js";
import { defaultAttribute, describeObis } from "../cosem/dictionary/index.js";
import { formatObis, parseObis } from "../cosem/obis.js";
import { jsonValue } from "../cosem/value.js";
import { asDlmsError, DlmsError } from "../core/errors.js";
import { limits } from "../core/limits.js";
import { type KnownObject, type MeterType } from "../meter-types/meter-type.js";

export type ResolvedItem = ReadItem & { readonly classId: number; readonly attributeId: number };

/** Class by OBIS code. */
type ObjectList = ReadonlyMap<string, number>;

/** Lists kept for different meter types and firmwares. */
const LISTS = 64;
/** Active firmware identifier. */
const FIRMWARE = { classId: 1, obis: "1-0:0.2.0.255", attributeId: 2 };

export class ObjectResolver {
  readonly #lists: Map<string, ObjectList>;
  /** The list of this meter's firmware, once it was needed. */
  #own: ObjectList | undefined;

  /** @param lists shared by all meters of a listener. */
  constructor(lists: Map<string, ObjectList>) {
    this.#lists = lists;
  }

  /** @throws DlmsError CLASS_UNKNOWN, OBIS_INVALID; link errors when the object list could not be read. */
  async resolve(item: ReadItem, meterType: MeterType, client: DlmsClient): Promise<ResolvedItem> {
    const obisCode = formatObis(parseObis(item.obisCode));
    const known =
      this.#lookUp(obisCode, item.classId, meterType) ?? (await this.#ask(obisCode, meterType, client));
    if (known === undefined)
      throw new DlmsError(
        "CLASS_UNKNOWN",
        `Neither the request, the meter, its type nor the dictionary tells the interface class of ${obisCode}.`,
        { field: "classId" },
      );
    return {
      ...item,
      obisCode,
      classId: known.classId,
      attributeId: item.attributeId ?? known.attributeId ?? defaultAttribute(known.classId),
    };
  }

  #lookUp(obisCode: string, classId: number | undefined, meterType: MeterType): KnownObject | undefined {
    const typed = meterType.objects[obisCode];
    const described = describeObis(obisCode);
    const listed = this.#own?.get(obisCode);
    const decided = classId ?? listed ?? typed?.classId ?? described?.classId;
    if (decided === undefined) return undefined;
    const attributeId =
      (typed?.classId === decided ? typed.attributeId : undefined) ??
      (described?.classId === decided ? described.attributeId : undefined);
    return { classId: decided, ...(attributeId === undefined ? {} : { attributeId }) };
  }

  async #ask(obisCode: string, meterType: MeterType, client: DlmsClient): Promise<KnownObject | undefined> {
    if (this.#own === undefined) {
      try {
        this.#own = await this.#readList(meterType, client);
      } catch (caught) {
        const error = asDlmsError(caught);
        if (error.family !== "ServiceError") throw error;
        // A meter that keeps its list to itself is not asked again on this link.
        this.#own = new Map();
      }
    }
    return this.#lookUp(obisCode, undefined, meterType);
  }

  async #readList(meterType: MeterType, client: DlmsClient): Promise<ObjectList> {
    const [firmware] = await client.getMany([FIRMWARE]);
    const key = JSON.stringify([
      meterType.name,
      firmware === undefined || firmware instanceof DlmsError ? null : jsonValue(firmware).value,
    ]);
    const kept = this.#lists.get(key);
    if (kept !== undefined) return kept;
    const entries = await client.readObjectList();
    const list = new Map<string, number>();
    for (const entry of entries.slice(0, limits.objectListEntries)) list.set(entry.obis, entry.classId);
    const oldest = this.#lists.keys().next();
    if (this.#lists.size >= LISTS && oldest.done !== true) this.#lists.delete(oldest.value);
    this.#lists.set(key, list);
    return list;
  }
}
