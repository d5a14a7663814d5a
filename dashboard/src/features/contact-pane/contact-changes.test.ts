import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Contact } from "@/api/types";
import { withConversation } from "@/features/contact-pane/contact-cache";
import { addNote, changeContact, setOptedOut } from "@/features/contact-pane/contact-changes";
import { contact, conversation } from "@/features/contact-pane/fixtures";
import { keys } from "@/lib/query";

const ana = contact({ conversations: [conversation()] });
let client: QueryClient;
let answers: ((answer: Response) => void)[];

/** The server, with the test deciding when it answers what. */
beforeEach(() => {
  client = new QueryClient();
  client.setQueryData(keys.contact("k1"), ana);
  client.setQueryData(keys.contact("merged-into-k1"), ana);
  client.setQueryData(keys.conversation("c1"), conversation());
  client.setQueryData(keys.contacts({ q: "" }), {
    pages: [{ items: [{ contact_id: "k1", display_name: "Ana", address: "+34600111222", email: null, blocked: false, created_at: "" }], next: null }],
    pageParams: [null],
  });
  answers = [];
  vi.stubGlobal("fetch", () => new Promise<Response>((resolve) => answers.push(resolve)));
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const card = (id = "k1") => client.getQueryData<Contact>(keys.contact(id))!;
const asked = (count: number) => vi.waitFor(() => expect(answers).toHaveLength(count));

test("a new name shows at once wherever the contact stands", async () => {
  const sent = changeContact(ana, { display_name: "Ana Gómez" }, client);
  expect(card().display_name).toBe("Ana Gómez");
  expect(card("merged-into-k1").display_name).toBe("Ana Gómez");
  expect(client.getQueryData(keys.conversation("c1"))).toMatchObject({ display_name: "Ana Gómez" });
  expect(client.getQueryData(keys.contacts({ q: "" }))).toMatchObject({ pages: [{ items: [{ display_name: "Ana Gómez" }] }] });
  await asked(1);
  answers[0]!(Response.json({ ...ana, display_name: "Ana Gómez" }));
  await sent;
});

test("what the server refuses is taken back, and what changed beside it stays", async () => {
  const sent = changeContact(ana, { email: "ana@example" }, client);
  client.setQueryData(keys.contact("k1"), { ...card(), language: "es" });
  await asked(1);
  answers[0]!(Response.json({ detail: "e-mail is wrong" }, { status: 422 }));
  await expect(sent).rejects.toThrow("e-mail is wrong");
  expect(card()).toMatchObject({ email: null, language: "es" });
});

test("the answer to an earlier change does not undo what was typed since", async () => {
  const first = changeContact(ana, { display_name: "A" }, client);
  const second = changeContact(card(), { display_name: "B" }, client);
  await asked(1);
  answers[0]!(Response.json({ ...ana, display_name: "A" }));
  await first;
  expect(card().display_name).toBe("B");
  await asked(2);
  answers[1]!(Response.json({ ...ana, display_name: "B" }));
  await second;
  expect(card().display_name).toBe("B");
});

test("an opt-out locks the conversations of that channel", async () => {
  const sent = setOptedOut(ana, { channel_id: "ch1", channel: "wmsg", channel_address: "+1" }, true, "by Ada", client);
  expect(client.getQueryData(keys.conversation("c1"))).toMatchObject({ opted_out: true });
  await asked(1);
  answers[0]!(Response.json({ detail: "no" }, { status: 403 }));
  await expect(sent).rejects.toThrow();
  expect(client.getQueryData(keys.conversation("c1"))).toMatchObject({ opted_out: false });
  expect(card().opt_outs).toEqual([]);
});

test("a note that a live event brought before the answer is there once", async () => {
  const note = { note_id: "n1", content: "Calls back", person: null, created_at: "2026-05-04T10:00:00Z" };
  const sent = addNote(ana, "Calls back", client);
  expect(card().notes).toHaveLength(1);
  client.setQueryData(keys.contact("k1"), { ...card(), notes: [...card().notes, note] });
  await asked(1);
  answers[0]!(Response.json(note, { status: 201 }));
  await sent;
  expect(card().notes).toEqual([note]);
});

test("a note can be written on a page that is not secure", async () => {
  vi.stubGlobal("crypto", { getRandomValues: (bytes: Uint8Array) => bytes });
  const sent = addNote(ana, "Calls back", client);
  await asked(1);
  answers[0]!(Response.json({ note_id: "n1", content: "Calls back", person: null, created_at: "2026-05-04T10:00:00Z" }, { status: 201 }));
  await sent;
  expect(card().notes.map((each) => each.note_id)).toEqual(["n1"]);
});

test("a live event keeps the viewer's part and puts the conversation first", () => {
  const both = contact({ conversations: [conversation(), conversation({ chat_id: "c2", unread: 2, last_active: "2026-05-02T10:00:00Z" })] });
  const event = conversation({ chat_id: "c2", unread: null, last_active: "2026-05-05T10:00:00Z" });
  expect(withConversation(both, event)?.conversations.map((each) => [each.chat_id, each.unread])).toEqual([["c2", 2], ["c1", 0]]);
  expect(withConversation(both, conversation({ chat_id: "c9" }))).toBeUndefined();
});
