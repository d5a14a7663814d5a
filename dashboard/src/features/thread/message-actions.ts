/** What can be done with a message: allowed by its kind, its author, the carrier and the viewer's role. */

import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import type { Limits, Message } from "@/api/types";
import { showToast } from "@/components/ui/toast-store";
import { errorText } from "@/lib/error-text";
import { api } from "@/lib/http";
import { keys } from "@/lib/query";
import { dropMessage, putMessage } from "@/features/thread/use-thread";

export interface Allowed {
  reply: boolean;
  react: boolean;
  edit: boolean;
  remove: boolean;
  keepAsCanned: boolean;
}

export interface Viewer {
  me: string;
  canAct: boolean;
  isAdmin: boolean;
}

const ON_THE_WAY = new Set(["sent", "delivered", "read", "played"]);

export function allowed(message: Message, limits: Limits | undefined, viewer: Viewer): Allowed {
  const { me, canAct, isAdmin } = viewer;
  const isNote = message.kind === "note";
  const isWaiting = message.status === "draft" || message.status === "scheduled";
  const isOurs = message.sender === "human" || message.sender === "assistant";
  const isOwn = message.person?.person_id === me;
  const isSent = isOurs && ON_THE_WAY.has(message.status);
  return {
    reply: canAct && !isNote && !isWaiting && message.status !== "failed",
    react: canAct && message.sender === "user" && limits?.reactions === true,
    edit: canAct && ((isNote && isOwn) || isWaiting || (isSent && isOwn && limits?.edits === true)),
    remove: canAct && ((isNote && (isOwn || isAdmin)) || isWaiting || (isSent && limits?.deletes === true)),
    keepAsCanned: canAct && isOurs && !isNote && message.content.trim() !== "",
  };
}

/** Runs one request about a message; says when it could not be done. */
export function useMessageAction(message: Message) {
  const client = useQueryClient();
  const [isPending, setPending] = useState(false);
  const { message_id: id, chat_id } = message;
  const path = `/api/v1/messages/${id}`;

  const run = useCallback(async (work: () => Promise<Message | undefined>): Promise<boolean> => {
    setPending(true);
    try {
      const changed = await work();
      // Where the answer is not the message itself, the live event brings it.
      if (changed && "message_id" in changed && "seq" in changed) putMessage(client, changed);
      return true;
    } catch (error) {
      showToast(errorText(error), { tone: "danger" });
      return false;
    } finally {
      setPending(false);
      void client.invalidateQueries({ queryKey: keys.timeline(id) });
    }
  }, [client, id]);

  const remove = useCallback(() => run(async () => {
    await api.delete(path);
    dropMessage(client, chat_id, id);
    return undefined;
  }), [run, client, chat_id, id, path]);

  return {
    isPending,
    remove,
    retry: () => run(() => api.post<Message>(`${path}/retry`)),
    sendNow: () => run(() => api.post<Message>(`${path}/send`)),
    edit: (change: { content?: string; scheduled_at?: string }) => run(() => api.patch<Message>(path, change)),
    react: (emoji: string | null) => run(() => api.post<Message>(`${path}/reactions`, { emoji })),
  };
}
