import { expect, test } from "vitest";
import type { EmailPull } from "@/api/campaign-types";
import { bodyOf, formOf, isReachable, isSound, withSecurity } from "@/features/settings/email-pulls/pull-form";

const form = { ...formOf(null), name: "Enquiries", host: "imap.example.com", username: "ana", password: "secret" };
const instructed = { ...form, plan: { ...form.plan, by: "assistant" as const, instruction: "Answer" } };

test("a stored password stays: it is only sent when one was typed", () => {
  expect(bodyOf(form)["password"]).toBe("secret");
  expect("password" in bodyOf({ ...form, password: "" })).toBe(false);
  expect([isReachable({ ...form, password: "" }, false), isReachable({ ...form, password: "" }, true)]).toEqual([false, true]);
});

test("the usual port follows the security, and one that was typed stays", () => {
  expect(withSecurity(form, "starttls")).toEqual({ security: "starttls", port: "143" });
  expect(withSecurity({ ...form, port: "1993" }, "starttls")).toEqual({ security: "starttls" });
});

test("rules are one to a line, without the empty ones", () => {
  expect(bodyOf({ ...form, rules: "Tel: (?P<phone>.+)\n\n  x  " })["phone_rules"]).toEqual(["Tel: (?P<phone>.+)", "x"]);
});

test("it needs a message and a sound schedule", () => {
  expect(isSound(form, false)).toBe(false);
  expect(isSound(instructed, false)).toBe(true);
  expect(isSound({ ...instructed, everyMinutes: "0" }, false)).toBe(false);
  expect(isSound({ ...instructed, port: "x" }, false)).toBe(false);
});

test("an instruction is taken up again, and so is a variable that is a plain text", () => {
  const pull = { template_id: null, instruction: "Answer", variables: { "1": "Ana" } } as unknown as EmailPull;
  expect(formOf(pull).plan).toMatchObject({ by: "assistant", instruction: "Answer", variables: { "1": { value: "Ana" } } });
});
