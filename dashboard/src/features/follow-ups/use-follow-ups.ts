/** A conversation's follow-ups from the server, kept fresh by live events, and what is done with them. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { FollowUp, FollowUpCreate } from "@/api/outreach-types";
import type { Page } from "@/api/types";
import { useToast } from "@/components/ui/toast";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { useLive } from "@/lib/live";
import { keys } from "@/lib/query";

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
  return useMutation({
    mutationFn: (body: FollowUpCreate) => api.post<FollowUp>(pathOf(chatId), body),
    onSuccess: (made) => {
      client.setQueryData<FollowUp[]>(keys.followUps(chatId), (now) => now && [made, ...now.filter((each) => each.follow_up_id !== made.follow_up_id)]);
      void client.invalidateQueries({ queryKey: keys.followUps(chatId) });
    },
  });
}

/** At once, and put back as it was if it was a mistake. */
export function useCancelFollowUp(chatId: string) {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  const again = () => client.invalidateQueries({ queryKey: keys.followUps(chatId) });
  const restore = useMutation({
    mutationFn: (followUp: FollowUp) => api.post<FollowUp>(pathOf(chatId), restoringBody(followUp)),
    onSuccess: again,
    onError: (error) => toast.error(error),
  });
  return useMutation({
    mutationFn: ({ follow_up_id: id }: FollowUp) => api.delete(`/api/v1/follow-ups/${id}`),
    onSuccess: (_, { follow_up_id: id }) => {
      client.setQueryData<FollowUp[]>(keys.followUps(chatId), (now) => now?.map((each) => (each.follow_up_id === id ? { ...each, status: "canceled" } : each)));
      void again();
    },
    onError: (error) => {
      toast.error(error);
      void again();
    },
    onSettled: (_, error, followUp) => {
      if (!error) toast(t("contacts.follow_up_told_canceled"), { action: { label: t("common.undo"), run: () => restore.mutate(followUp) } });
    },
  });
}

function restoringBody({ due_at, template_id: template, variables, content }: FollowUp): FollowUpCreate {
  return template === null ? { due_at, content: content ?? "" } : { due_at, template_id: template, variables };
}
