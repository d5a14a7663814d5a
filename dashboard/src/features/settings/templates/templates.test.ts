import { expect, it } from "vitest";
import type { Template } from "@/api/outreach-types";
import { fitting, syncText } from "@/features/settings/templates/templates";
import { translate } from "@/lib/i18n";

const template = (name: string, status: Template["status"], body: string): Template => ({
  template_id: name, channel_id: "c1", channel: "wmsg", channel_address: "+14155238886", carrier_id: null, name, language: "es", category: "utility",
  status, status_reason: null, header: null, body, footer: null, buttons: [], variables: [], synced_at: null, updated_at: "2026-11-21T09:00:00Z",
});
const all = [template("cita", "approved", "Tu cita es mañana"), template("oferta", "rejected", "Oferta de otoño")];
const names = (typed: string, state: Parameters<typeof fitting>[2] = "any") => fitting(all, typed, state).map((each) => each.name);

it("templates are found by words of their names and texts, without accents, and by their state", () => {
  expect(names("MANANA cita")).toEqual(["cita"]);
  expect(names("", "rejected")).toEqual(["oferta"]);
  expect(names("cita", "rejected")).toEqual([]);
});

it("a channel that could not be asked is told before what others brought", () => {
  const fine = { channel_id: "c1", added: 2, changed: 0, removed: 1, error: null };
  expect(syncText({ channels: [fine, { ...fine, error: "Twilio refused the token" }] }, translate)).toEqual({ text: "Twilio refused the token", failed: true });
  expect(syncText({ channels: [fine, fine] }, translate).failed).toBe(false);
});
