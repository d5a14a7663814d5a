import { renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Conversation, Me, Message } from "@/api/types";
import { playSound } from "@/features/notifications/sound";
import { useNotifications } from "@/features/notifications/use-notifications";
import { serverIsAhead } from "@/lib/fake-clock";
import { keys, queryClient } from "@/lib/query";

vi.mock("@tanstack/react-router", () => ({ useNavigate: () => vi.fn(), useParams: () => ({}) }));
vi.mock("@/features/notifications/sound", () => ({ playSound: vi.fn(), wakeSound: vi.fn() }));
vi.mock("@/lib/me", () => ({ useMe: () => ({ person_id: "p1" }) as Me }));
type Handler = (event: { chat_id: string; message: Message }) => void;
const live = vi.hoisted((): { tell: Handler } => ({ tell: () => undefined }));
vi.mock("@/lib/live", () => ({
  useLive: (_name: string, handler: Handler) => {
    live.tell = handler;
  },
}));

const CONVERSATION: Partial<Conversation> = { chat_id: "c1", needs_people: true };

beforeEach(() => {
  queryClient.setQueryData(keys.conversation("c1"), CONVERSATION);
  renderHook(() => useNotifications());
});
afterEach(async () => {
  await serverIsAhead(0);
  vi.mocked(playSound).mockClear();
  queryClient.clear();
});

/** A customer's message that the server has just got, by its clock. */
function comes(ahead: number): void {
  const created_at = new Date(Date.now() + ahead).toISOString();
  live.tell({ chat_id: "c1", message: { sender: "user", status: "received", kind: "text", content: "Hi", created_at } as Message });
}

test("a message is told on a computer whose clock is ahead", async () => {
  await serverIsAhead(-90_000);
  comes(-90_000);
  await vi.waitFor(() => expect(playSound).toHaveBeenCalledTimes(1));
});

test("what a stream resumes with is not told, on a computer whose clock is behind either", async () => {
  await serverIsAhead(120_000);
  comes(0);
  await new Promise((done) => setTimeout(done));
  expect(playSound).not.toHaveBeenCalled();
});
