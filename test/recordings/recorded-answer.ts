/** What the recorded server answered to a step, put together from its APDUs without our block transfer. */
import assert from "node:assert/strict";
import { type ServiceResponse } from "../../src/association/index.js";
import { dataCodec } from "../../src/axdr/index.js";
import { encodeAll } from "../../src/bytes/codec.js";
import { concatBytes, toHex } from "../../src/bytes/hex.js";
import { type Apdu, encodeApdu } from "../../src/xdlms/index.js";
import { type Conversation } from "../support/conversation.js";
import { type Step } from "./client-setup.js";
import { answersTo } from "./recorded-store.js";

/** The results the session reports are the octets the recorded server sent. */
export function checkResponse({ apdus }: Conversation, step: Step, response: ServiceResponse): void {
  const invoke = { invokeId: 0, confirmed: true, highPriority: false };
  const answers = answersTo({ apdus }, step);
  const last = answers[answers.length - 1] as Apdu;
  switch (response.type) {
    case "get": {
      const blocks = answers.flatMap((answer) =>
        answer.type === "get-response" &&
        answer.response.type === "with-datablock" &&
        answer.response.result.type === "raw-data"
          ? [answer.response.result.rawData]
          : [],
      );
      if (blocks.length === 0) {
        const own = { type: "get-response", response: getResponse(response) } as const;
        assert.equal(toHex(encodeApdu(own).subarray(3)), toHex(encodeApdu(last).subarray(3)));
        return;
      }
      const [result] = response.results;
      assert.ok(result?.type === "data");
      const value = encodeAll(dataCodec, result.data);
      const raw = concatBytes(...blocks);
      // One recorded server states more elements than it sends: all but the count has to be equal.
      if (result.data.type === "array" && result.data.value.length < (raw[1] as number))
        value[1] = raw[1] as number;
      assert.equal(toHex(value), toHex(raw.subarray(0, value.length)));
      // Octets after the value occur in last blocks; nothing else may be left over.
      assert.ok(raw.length - value.length <= 4, `${raw.length - value.length} octets after the value`);
      return;
    }
    case "set":
      assert.ok(last.type === "set-response" && "result" in last.response);
      assert.deepEqual(response.results, [last.response.result]);
      return;
    case "action":
      assert.ok(last.type === "action-response" && last.response.type === "normal");
      assert.equal(response.results[0]?.result, last.response.result);
      assert.deepEqual(response.results[0]?.returnParameters, last.response.returnParameters);
      return;
    case "access":
      assert.ok(last.type === "access-response");
      assert.deepEqual(
        response.results.map((item) => {
          assert.ok(item.service === "get");
          return item.result.type === "data" ? item.result.data : item.result.error;
        }),
        last.results.map(({ result }, i) => (result === "success" ? last.data[i] : result)),
      );
      return;
  }

  function getResponse({ results }: Extract<ServiceResponse, { type: "get" }>) {
    const [result] = results;
    if (results.length === 1 && result !== undefined) return { type: "normal", invoke, result } as const;
    return { type: "with-list", invoke, results } as const;
  }
}
