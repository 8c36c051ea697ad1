/**
 * A real prepaid meter family as its maker lists it: 707 objects and 44 profiles, as data. Where the list gives no
 * class (reactive energy, code 93) it is 3, as the attributes show. Length is that of attribute 2: octets, bits for
 * a bit-string. What the values mean in the simulation is objects/, not here.
 */
import objects from "./hexcell-prepaid-objects.json";
import profiles from "./hexcell-prepaid-profiles.json";

export interface ListedObject {
  readonly section: string;
  readonly name: string;
  readonly obis: string;
  readonly classId: number;
  /** `2:R 3:RW`: attribute and what a client may do. */
  readonly access: string;
  /** Data type of attribute 2. */
  readonly type?: string;
  readonly length?: number;
  readonly scaler?: number;
  readonly unit?: string;
}

export interface ListedCapture {
  readonly name: string;
  readonly classId: number;
  readonly obis: string;
  readonly attribute: number;
  readonly type: string;
  readonly scaler?: number;
  readonly unit?: string;
}

export interface ListedProfile {
  readonly name: string;
  readonly obis: string;
  readonly capture: readonly ListedCapture[];
}

export const listedObjects: readonly ListedObject[] = objects;
export const listedProfiles: readonly ListedProfile[] = profiles;
