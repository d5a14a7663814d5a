import { describe, expect, it } from "vitest";
import { fromRows, isSecret, numbersGone, parse, rowProblems, toRows } from "@/features/settings/domain/metadata";

const METADATA = { twilio_sms_number: "+15005550006", twilio_auth_token: "••••beef", limits: { a: [1, true] }, count: 3 };

describe("technical metadata", () => {
  it("is the same after a way through its rows", () => {
    expect(fromRows(toRows(METADATA))).toEqual(METADATA);
  });

  it("keeps a text that looks like a number a text", () => {
    expect(fromRows(toRows({ id: "0042" }))).toEqual({ id: "0042" });
  });

  it("says which row cannot be saved", () => {
    const rows = [
      { key: "a", value: "1", text: true },
      { key: "a", value: "2", text: true },
      { key: "", value: "x", text: true },
      { key: "b", value: "{", text: false },
      { key: "", value: "", text: true },
    ];
    expect(rowProblems(rows)).toEqual([null, "twice", "no_key", "bad_json", null]);
  });

  it("knows secrets by their names, as the server does", () => {
    expect(["twilio_auth_token", "vision_API_key", "twilio_sms_number"].map(isSecret)).toEqual([true, true, false]);
  });

  it("names the line where JSON breaks off", () => {
    const parsed = parse('{\n  "a": 1,\n  b: 2\n}');
    expect(parsed).toMatchObject({ ok: false, line: 3 });
  });

  it("names the numbers whose channels would go", () => {
    expect(numbersGone(METADATA, { ...METADATA, twilio_sms_number: "+1999" })).toEqual(["+15005550006"]);
    expect(numbersGone(METADATA, METADATA)).toEqual([]);
  });
});
