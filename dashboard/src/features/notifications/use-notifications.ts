/** Tells the person what happened while they look elsewhere: desktop, sound, and toasts for what is theirs. */

import { useNavigate, useParams } from "@tanstack/react-router";
import { useCallback, useEffect, useRef } from "react";
import type { Conversation, Message } from "@/api/types";
import { showToast } from "@/components/ui/toast-store";
import { decide, type Reason, reasonFor, wasAssigned } from "@/features/notifications/decide";
import { OneWindow } from "@/features/notifications/one-window";
import { preferences } from "@/features/notifications/preferences";
import { playSound, wakeSound } from "@/features/notifications/sound";
import { api, serverNow } from "@/lib/http";
import { translate } from "@/lib/i18n";
import { useLive } from "@/lib/live";
import { useMe } from "@/lib/me";
import { keys, queryClient } from "@/lib/query";

/** A message that a stream resumes with is no news any more. */
const OLD_MS = 60_000;

export function useNotifications(): void {
  const me = useMe();
  const navigate = useNavigate();
  const windows = useWindows();
  useEffect(() => {
    addEventListener("pointerdown", wakeSound);
    addEventListener("keydown", wakeSound);
    return () => {
      removeEventListener("pointerdown", wakeSound);
      removeEventListener("keydown", wakeSound);
    };
  }, []);
  const open = useCallback(
    (chatId: string) => void navigate({ to: "/inbox/$chatId", params: { chatId }, search: {} }),
    [navigate],
  );
  useLive("message", ({ chat_id: chatId, message }) => {
    if (message.created_at === null || serverNow() - Date.parse(message.created_at) > OLD_MS) return;
    const reason = wasAssigned(message, me.person_id) ? "assignment" : reasonFor(message, me.person_id);
    if (reason === null || (reason === "message" && message.status !== "received")) return;
    void tell(reason, chatId, message, me.person_id, windows.current, open);
  });
}

/** Which conversation is before the viewer's eyes, told to the other windows. */
function useWindows() {
  const { chatId } = useParams({ strict: false });
  const windows = useRef<OneWindow>(null);
  useEffect(() => {
    const own = new OneWindow();
    windows.current = own;
    return () => own.close();
  }, []);
  useEffect(() => {
    const look = () => windows.current?.view(document.hasFocus() && chatId !== undefined ? chatId : null);
    look();
    addEventListener("focus", look);
    addEventListener("blur", look);
    return () => {
      removeEventListener("focus", look);
      removeEventListener("blur", look);
    };
  }, [chatId]);
  return windows;
}

async function tell(
  reason: Reason,
  chatId: string,
  message: Message,
  me: string,
  windows: OneWindow | null,
  open: (chatId: string) => void,
): Promise<void> {
  const wanted = preferences();
  const visible = document.visibilityState === "visible";
  if (!windows || (!windows.chosen && !visible)) return;
  const conversation = await find(chatId);
  if (!conversation) return;
  const decision = decide(reason, conversation, me, wanted, windows.isViewed(chatId));
  if (decision.toast && visible) {
    showToast(toastText(reason, conversation, message), { action: { label: translate("list.notify_open"), run: () => open(chatId) } });
  }
  if (!windows.chosen) return;
  if (decision.sound) playSound();
  if (decision.desktop) notify(reason, conversation, message, open);
}

async function find(chatId: string): Promise<Conversation | null> {
  const known = queryClient.getQueryData<Conversation>(keys.conversation(chatId));
  if (known) return known;
  return api.get<Conversation>(`/api/v1/conversations/${chatId}`).catch(() => null);
}

const nameOf = (conversation: Conversation): string => conversation.display_name || conversation.phone_number;

function toastText(reason: Reason, conversation: Conversation, message: Message): string {
  const contact = nameOf(conversation);
  const name = message.person?.name ?? "";
  if (reason === "mention") return translate("list.notify_mention_toast", { name, contact });
  return name ? translate("list.notify_assignment_by", { name, contact }) : `${translate("list.notify_assignment")}: ${contact}`;
}

function notify(reason: Reason, conversation: Conversation, message: Message, open: (chatId: string) => void): void {
  if (typeof Notification === "undefined" || Notification.permission !== "granted") return;
  const name = message.person?.name ?? "";
  const title = {
    message: nameOf(conversation),
    mention: translate("list.notify_mention", { name }),
    assignment: translate("list.notify_assignment"),
  }[reason];
  const body = reason === "assignment" ? nameOf(conversation) : message.content || translate("list.notify_file");
  try {
    // One per conversation: a new one takes the place of the last.
    const shown = new Notification(title, { body: body.slice(0, 200), tag: `frontdesk-${conversation.chat_id}`, icon: "/static/frontdesk.svg" });
    shown.onclick = () => {
      window.focus();
      open(conversation.chat_id);
      shown.close();
    };
  } catch {
    // Android's browsers show notifications from service workers only.
  }
}
