import { Plus } from "lucide-react";
import { ErrorState } from "@/components/ui/error-state";
import { IconButton } from "@/components/ui/icon-button";
import { Skeleton } from "@/components/ui/skeleton";
import { Nothing, Section } from "@/features/contact-pane/section";
import { useOneConversation } from "@/features/conversation-list/use-conversations";
import { openFollowUp } from "@/features/follow-ups/asking";
import { FollowUpList } from "@/features/follow-ups/follow-up-list";
import { useFollowUps } from "@/features/follow-ups/use-follow-ups";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";

/** What is sent in this conversation unless the customer writes before. */
export function FollowUpsSection({ chatId }: { chatId: string }) {
  const t = useT();
  const mayEdit = useCan("agent");
  const conversation = useOneConversation(chatId);
  const { data, isError, error, isFetching, refetch } = useFollowUps(chatId);
  const waiting = data?.filter((each) => each.status === "waiting").length ?? 0;
  return (
    <Section
      name="follow-ups"
      title={t("contacts.follow_ups")}
      count={waiting}
      action={mayEdit && conversation && (
        <IconButton icon={Plus} size="sm" label={t("list.follow_up")} hotkey="alt+u" aria-haspopup="dialog" onClick={() => openFollowUp(conversation)} />
      )}
    >
      {!data && isError && <ErrorState inline error={error} onRetry={() => void refetch()} retrying={isFetching} className="px-0" />}
      {!data && !isError && <Skeleton className="h-4.5 w-4/5" />}
      {data?.length === 0 && <Nothing>{t("contacts.follow_ups_empty")}</Nothing>}
      {data && conversation && data.length > 0 && <FollowUpList conversation={conversation} followUps={data} />}
    </Section>
  );
}
