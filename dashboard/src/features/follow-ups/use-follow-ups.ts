/** A conversation's follow-ups from the server, kept fresh by live events, and what is done with them. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { FollowUp, FollowUpCreate } from "@/api/outreach-types";
import type { Page } from "@/api/types";
import { useToast } from "@/components/ui/toast";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { useLive } from "@/lib/live";
import { keys } from "@/lib/query";
import { useRequestKeys } from "@/lib/request-key";

const pathOf = (chatId: string) => `/api/v1/conversations/${chatId}/follow-ups`;

export function useFollowUps(chatId: string) {
  const client = useQueryClient();
  // Setting, canceling and sending one each tell of the conversation, as the customer's answer does.
  useLive("conversation", ({ conversation }) => {
    if (conversation.chat_id === chatId) void client.invalidateQueries({ queryKey: keys.followUps(chatId) });
  });
  return useQuery({
    queryKey: keys.followUps(chatId),
    queryFn: async ({ signal }) => (await api.get<Page<FollowUp>>(pathOf(chatId), undefined, { signal })).items,
  });
}

export function useSetFollowUp(chatId: string) {
  const client = useQueryClient();
  const keyOf = useRequestKeys();
  return useMutation({
    mutationFn: (body: FollowUpCreate) => api.post<FollowUp>(pathOf(chatId), body, { headers: keyOf(body) }),
    onSuccess: (made) => {
      client.setQueryData<FollowUp[]>(keys.followUps(chatId), (now) => now && [made, ...now.filter((each) => each.follow_up_id !== made.follow_up_id)]);
      void client.invalidateQueries({ queryKey: keys.followUps(chatId) });
    },
  });
}

/** At once, and put back as it was if it was a mistake. */
export function useCancelFollowUp() {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  const again = (chatId: string) => client.invalidateQueries({ queryKey: keys.followUps(chatId) });
  const restore = useMutation({
    // Where it was: another conversation may be open by the time that somebody presses Undo.
    mutationFn: (followUp: FollowUp) => api.post<FollowUp>(pathOf(followUp.chat_id), restoringBody(followUp)),
    onSuccess: (made) => again(made.chat_id),
    onError: (error) => toast.error(error),
  });
  return useMutation({
    mutationFn: ({ follow_up_id: id }: FollowUp) => api.delete(`/api/v1/follow-ups/${id}`),
    onSuccess: (_, { follow_up_id: id, chat_id: chatId }) => {
      client.setQueryData<FollowUp[]>(keys.followUps(chatId), (now) => now?.map((each) => (each.follow_up_id === id ? { ...each, status: "canceled" } : each)));
      void again(chatId);
    },
    onError: (error, { chat_id: chatId }) => {
      toast.error(error);
      void again(chatId);
    },
    onSettled: (_, error, followUp) => {
      if (error) return;
      // One that a campaign made belongs to its message, which a new one would not.
      const undo = { action: { label: t("common.undo"), run: () => restore.mutate(followUp) } };
      toast(t("contacts.follow_up_told_canceled"), followUp.call_id === null ? undo : undefined);
    },
  });
}

function restoringBody({ due_at, template_id: template, variables, content }: FollowUp): FollowUpCreate {
  return template === null ? { due_at, content: content ?? "" } : { due_at, template_id: template, variables };
}
