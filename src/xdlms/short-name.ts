/**
 * Short-name services: read, write, unconfirmed write, information report. An attribute is an address: base name of the
 * object plus 8 for each attribute after the first. Blocks of requests (6, 7) follow the ASN.1 only.
 */
import { type Codec, choice, seq, traced, u16, u8 } from "../bytes/codec.js";
import { merged } from "../bytes/fields.js";
import { type Data, dataCodec } from "../axdr/data.js";
import {
  type BooleanField,
  booleanField,
  type ListField,
  listField,
  type OctetField,
  octetField,
  octets,
} from "../axdr/fields.js";
import { type DataAccessResult, dataAccessResult } from "./results.js";

export type VariableAccess =
  | { readonly type: "variable-name"; readonly name: number }
  | {
      readonly type: "parameterized-access";
      readonly name: number;
      readonly selector: number;
      readonly parameter: Data;
    }
  | { readonly type: "block-number-access"; readonly blockNumber: number }
  | ({ readonly type: "read-data-block-access"; readonly blockNumber: number } & BooleanField<"lastBlock"> &
      OctetField<"rawData">)
  | ({ readonly type: "write-data-block-access"; readonly blockNumber: number } & BooleanField<"lastBlock">);

const lastBlock = booleanField("lastBlock");
const rawBlock = merged(lastBlock, seq({ blockNumber: u16 }), octetField("rawData"));

/**
 * Variable-Access-Specification ::= CHOICE { variable-name [2] ObjectName,
 *   parameterized-access [4] SEQUENCE { variable-name ObjectName, selector Unsigned8, parameter Data },
 *   block-number-access [5] SEQUENCE { block-number Unsigned16 },
 *   read-data-block-access [6] SEQUENCE { last-block BOOLEAN, block-number Unsigned16, raw-data OCTET STRING },
 *   write-data-block-access [7] SEQUENCE { last-block BOOLEAN, block-number Unsigned16 } }
 */
const variableAccess: Codec<VariableAccess> = choice({
  "variable-name": [2, seq({ name: u16 })],
  "parameterized-access": [4, seq({ name: u16, selector: u8, parameter: dataCodec })],
  "block-number-access": [5, seq({ blockNumber: u16 })],
  "read-data-block-access": [6, rawBlock],
  "write-data-block-access": [7, merged(lastBlock, seq({ blockNumber: u16 }))],
});

const variables = listField("variables", variableAccess, { minItemOctets: 3 });
const dataList = listField("data", dataCodec);

export type ReadRequest = ListField<"variables", VariableAccess>;

/** ReadRequest ::= SEQUENCE OF Variable-Access-Specification */
export const readRequest: Codec<ReadRequest> = variables;

export type ReadResult =
  | { readonly type: "data"; readonly data: Data }
  | { readonly type: "data-access-error"; readonly error: DataAccessResult }
  | ({ readonly type: "data-block-result"; readonly blockNumber: number } & BooleanField<"lastBlock"> &
      OctetField<"rawData">)
  | { readonly type: "block-number"; readonly blockNumber: number };

export type ReadResponse = ListField<"results", ReadResult>;

/**
 * ReadResponse ::= SEQUENCE OF CHOICE { data [0] Data, data-access-error [1] Data-Access-Result,
 *   data-block-result [2] SEQUENCE { last-block BOOLEAN, block-number Unsigned16, raw-data OCTET STRING },
 *   block-number [3] Unsigned16 }
 */
export const readResponse: Codec<ReadResponse> = listField(
  "results",
  choice({
    data: [0, seq({ data: dataCodec })],
    "data-access-error": [1, seq({ error: dataAccessResult })],
    "data-block-result": [2, rawBlock],
    "block-number": [3, seq({ blockNumber: u16 })],
  }) as Codec<ReadResult>,
  { minItemOctets: 2 },
);

export interface WriteRequest extends ListField<"variables", VariableAccess>, ListField<"data", Data> {}

/** WriteRequest ::= SEQUENCE { SEQUENCE OF Variable-Access-Specification, SEQUENCE OF Data } */
export const writeRequest: Codec<WriteRequest> = merged(variables, dataList);

/** UnconfirmedWriteRequest ::= the same */
export const unconfirmedWriteRequest: Codec<WriteRequest> = writeRequest;

export type WriteResult =
  | { readonly type: "success" }
  | { readonly type: "data-access-error"; readonly error: DataAccessResult }
  | { readonly type: "block-number"; readonly blockNumber: number };

export type WriteResponse = ListField<"results", WriteResult>;

/** WriteResponse ::= SEQUENCE OF CHOICE { success [0] NULL, data-access-error [1], block-number [2] Unsigned16 } */
export const writeResponse: Codec<WriteResponse> = listField(
  "results",
  choice({
    success: [0, seq({})],
    "data-access-error": [1, seq({ error: dataAccessResult })],
    "block-number": [2, seq({ blockNumber: u16 })],
  }) as Codec<WriteResult>,
);

interface ReportTime {
  /** GeneralizedTime as octets of text. */
  readonly currentTime?: Uint8Array;
  readonly currentTimeLengthOctets?: number;
  /** A presence octet came before the length: both forms are in use. */
  readonly currentTimePresence?: true;
}

export interface InformationReport
  extends ReportTime, ListField<"variables", VariableAccess>, ListField<"data", Data> {}

const timeOctets = octets({ max: 32 });

/** 00 when absent. No GeneralizedTime has one octet, so 01 can only be a presence octet. */
const currentTime: Codec<ReportTime> = {
  decode: (reader) => {
    const isPresence = reader.peekU8() === 1;
    if (isPresence) reader.advance(1);
    const { value, form } = traced(reader, "currentTime", timeOctets);
    return {
      ...(value.length === 0 && !isPresence ? {} : { currentTime: value }),
      ...(form === undefined ? {} : { currentTimeLengthOctets: form }),
      ...(isPresence ? { currentTimePresence: true } : {}),
    };
  },
  encode: (writer, { currentTime: value, currentTimeLengthOctets: form, currentTimePresence }) => {
    if (currentTimePresence === true) writer.u8(1);
    timeOctets.encode(writer, { value: value ?? new Uint8Array(0), ...(form === undefined ? {} : { form }) });
  },
  shape: {
    kind: "mapped",
    inner: timeOctets,
    from: (drawn: Uint8Array) => (drawn.length < 2 ? {} : { currentTime: drawn }),
  },
};

/**
 * InformationReportRequest ::= SEQUENCE { current-time GeneralizedTime OPTIONAL,
 *   SEQUENCE OF Variable-Access-Specification, SEQUENCE OF Data }
 */
export const informationReport: Codec<InformationReport> = merged(currentTime, variables, dataList);
