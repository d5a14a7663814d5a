import { describe, expect, it } from "vitest";
import { message } from "@/features/thread/fixtures";
import { lineText } from "@/features/thread/line";
import { allowed } from "@/features/thread/message-actions";
import {
  bodyOf, choiceOf, contactsOf, locationOf, referralOf, templateOf,
} from "@/features/thread/structured";
import { translate } from "@/lib/i18n";

describe("what a carrier sends beside words", () => {
  it.each([null, {}, { location: "x", contacts: 7, referral: [], button: null }, { location: { latitude: "a" } }])(
    "is nothing where it is nonsense: %j",
    (structured) => {
      expect([locationOf(structured), contactsOf(structured), referralOf(structured), choiceOf(structured)])
        .toEqual([null, [], null, null]);
    },
  );

  it("is read where it is there", () => {
    expect(locationOf({ location: { latitude: 41.38, longitude: 2.16, label: "Plaza" } })?.label).toBe("Plaza");
    expect(contactsOf({ contacts: [{ name: { formatted_name: "Ana" }, phones: [{ phone: "+34600" }] }] }))
      .toEqual([{ name: "Ana", phones: ["+34600"], emails: [] }]);
    expect(choiceOf({ list_reply: { title: "Two", description: "of them" } })?.title).toBe("Two");
  });
});

describe("what happened in a conversation", () => {
  const ana = { person_id: "p1", name: "Ana", email: "a@a.test" };
  it.each([
    [{ event: "mode", mode: "manual", by: ana }, "Ana took over"],
    [{ event: "mode", mode: "assistant", by: null }, "The assistant answers from here on"],
    [{ event: "assigned", assignee: { name: "Ben" }, by: ana }, "Ana assigned this to Ben"],
    [{ event: "team", team: { name: "Kitchen" }, by: ana }, "Given to the team Kitchen"],
    [{ event: "handoff", reason: "asked for a person", by: null }, "The assistant asks for people: asked for a person"],
    [{ event: "something new" }, "Something changed (something new)"],
  ])("stands there as a line: %j", (structured, line) => {
    const event = message(1, { kind: "event", sender: "system", content: "", structured });
    expect(lineText(event, "Cleo", translate)).toBe(line);
  });
});

describe("what may be done with a message", () => {
  const viewer = { me: "p1", canAct: true, isAdmin: false };
  const own = { sender: "human" as const, person: { person_id: "p1", name: "Ana", email: "a@a.test" } };

  it("is nothing for who only looks", () => {
    const may = allowed(message(1, { ...own, status: "draft" }), undefined, { ...viewer, canAct: false });
    expect(Object.values(may)).not.toContain(true);
  });

  it("leaves other people's notes alone, but for admins", () => {
    const note = message(1, { ...own, person: { ...own.person, person_id: "p2" }, kind: "note", status: "noted" });
    expect([allowed(note, undefined, viewer).remove, allowed(note, undefined, viewer).edit]).toEqual([false, false]);
    expect(allowed(note, undefined, { ...viewer, isAdmin: true }).remove).toBe(true);
  });

  it("offers to change what was sent only where the carrier can", () => {
    const sent = message(1, { ...own, status: "delivered" });
    const may = allowed(sent, undefined, viewer);
    expect([may.edit, may.remove, may.react]).toEqual([false, false, false]);
  });
});

describe("a message from a template", () => {
  const structured = {
    template: {
      name: "order_update", language: "es", header: { kind: "text", text: "Tu pedido" }, footer: "Panadería",
      buttons: [{ kind: "reply", text: "Gracias" }, { kind: "url" }],
    },
  };

  it("has its parts, without those that say nothing", () => {
    expect(templateOf(structured)).toMatchObject({ name: "order_update", footer: "Panadería", buttons: [{ kind: "reply", text: "Gracias" }] });
    expect(templateOf({ template: "no" })).toBeNull();
  });

  it("says its words between header and footer", () => {
    const template = templateOf(structured)!;
    expect(bodyOf("Tu pedido\nLlega hoy.\nA las 5.\nPanadería", template)).toBe("Llega hoy.\nA las 5.");
    expect(bodyOf("Changed since", template)).toBe("Changed since");
  });
});
