/** What a backend's REST interface may answer: any status, any body, to logins, look-ups and ingested readings. */
import { Secret } from "../../../core/secret.js";
import { HesApi } from "../../../hes/api.js";
import { type HttpRequest, requestJson } from "../../../hes/http.js";
import { Login } from "../../../hes/login.js";
import { type Random } from "../random.js";
import { StillClock } from "../still-clock.js";
import { type AnyTarget, hold, isRefusal, type Target } from "../target.js";
import { drawFields, drawJson, drawText } from "../texts.js";

interface Answer {
  readonly status: number;
  readonly body: string;
  /** The connection breaks instead. */
  readonly isCut?: boolean;
}

interface RestInput {
  readonly serial: string;
  readonly createMissing: boolean;
  readonly answers: readonly Answer[];
}

/** Longer ones are cut off by their bound just the same. */
const ANSWER_LETTERS = 200_000;
const serial = "46000000001";
const record = { _id: "64b7f0c2a1b2c3d4e5f60718", meterNumber: serial };

function drawAnswer(random: Random): Answer {
  const status = random.pick([200, 200, 200, 201, 204, 302, 400, 401, 403, 404, 409, 500, 503, 599]);
  if (random.once(15)) return { status, body: "", isCut: true };
  if (random.once(8)) return { status, body: drawText(random, ANSWER_LETTERS) };
  const json = random.once(4)
    ? drawJson(random)
    : drawFields(random, {
        success: true,
        data: random.pick([
          { token: "aaaa.bbbb.cccc" },
          record,
          [record],
          [record, { ...record, _id: "2" }],
          { passcode: "1", sessionId: "2" },
        ]),
        token: "aaaa.bbbb.cccc",
        message: "A passcode or session is needed",
        pagination: { pages: random.pick([1, 2, 1e9]) },
      });
  return { status, body: JSON.stringify(json).slice(0, ANSWER_LETTERS) };
}

const rest: Target<RestInput> = {
  name: "backend-rest",
  about: "answers of the backend's REST interface",
  draw: (random) => ({
    serial: random.once(5) ? drawText(random, 100) : serial,
    createMissing: random.once(2),
    answers: random.times(1 + random.size(10), () => drawAnswer(random)),
  }),
  async run({ serial: asked, createMissing, answers }) {
    const clock = new StillClock();
    let calls = 0;
    const answering = ((): Promise<Response> => {
      const { status, body, isCut } = answers[calls++ % answers.length] as Answer;
      if (isCut === true) return Promise.reject(new TypeError("fetch failed"));
      return Promise.resolve(new Response(status === 204 ? null : body, { status }));
    }) as unknown as typeof fetch;
    const request = (one: HttpRequest) =>
      requestJson(one, { timeoutMs: 1_000, bodyBytes: 65_536 }, answering);
    const times = { retryMinMs: 1_000, retryMaxMs: 2_000 };
    const login = new Login(
      { apiUrl: "http://127.0.0.1:9/api", username: "u", password: new Secret("p4ssw0rd"), ...times },
      { request, clock, random: () => 0.5, onState: () => undefined },
    );
    const api = new HesApi(
      {
        apiUrl: "http://127.0.0.1:9/api",
        ...{ positiveMs: 1_000, negativeMs: 1_000, unavailableMs: 1_000 },
        ...{ parallelLookups: 8, lookupsPerSecond: 1_000 },
        ...(createMissing ? { createMissing: { area: "a", brand: "b", model: "c", meterType: "d" } } : {}),
      },
      { request, login, clock, random: () => 0.5 },
    );
    for (let i = 0; i < 2; i++) {
      const { result } = await api.lookup(asked);
      if (result.type === "found")
        hold(/^[^]{1,128}$/.test(result.backendId), "an id of no form was believed");
      if (result.type === "unavailable") {
        hold(result.error.code !== "INTERNAL", result.error.stack ?? result.error.message);
        hold(!/p4ssw0rd/.test(result.error.message), "the password stands in an error");
      }
      try {
        await api.ingest({ meterNumber: asked });
      } catch (caught) {
        if (!isRefusal(caught)) throw caught;
      }
      await clock.advance(5_000, 10);
    }
    hold(calls < 400, `${calls} calls were made`);
    login.stop();
  },
};

export const restTargets: readonly AnyTarget[] = [rest];
