/** An open conversation: who, what was said, what is new. The composer stands below it. */

import type { ReactNode } from "react";
import { MessageCircle } from "lucide-react";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { Skeleton } from "@/components/ui/skeleton";
import { Composer } from "@/features/composer/composer";
import { useT } from "@/lib/i18n";
import { OpenThread } from "@/features/thread/open-thread";
import { useConversation } from "@/features/thread/use-conversation";
import { useThread } from "@/features/thread/use-thread";

export interface ThreadPaneProps {
  chatId: string;
  onToggleContact?: () => void;
}

export function ThreadPane({ chatId, onToggleContact }: ThreadPaneProps) {
  // Another conversation is another thread: nothing of the one before stays.
  return <Thread key={chatId} chatId={chatId} onToggleContact={onToggleContact} />;
}

function Thread({ chatId, onToggleContact }: { chatId: string; onToggleContact: (() => void) | undefined }) {
  const t = useT();
  const conversation = useConversation(chatId);
  const loading = useThread(chatId);
  if (conversation.isError && !conversation.data) {
    return <Frame><ErrorState error={conversation.error} onRetry={() => void conversation.refetch()} title={t("thread.not_opened")} /></Frame>;
  }
  if (loading.error) {
    return <Frame><ErrorState error={loading.error} onRetry={loading.retry} title={t("thread.not_opened")} /></Frame>;
  }
  if (!conversation.data || !loading.thread) return <Frame><Loading /></Frame>;
  return (
    <Frame>
      <OpenThread conversation={conversation.data} thread={loading.thread} loading={loading} onToggleContact={onToggleContact}>
        <EmptyState icon={MessageCircle} title={t("thread.empty")}>{t("thread.empty_hint")}</EmptyState>
      </OpenThread>
      <Composer conversation={conversation.data} />
    </Frame>
  );
}

function Frame({ children }: { children: ReactNode }) {
  const t = useT();
  return (
    <section data-thread-pane aria-label={t("thread.conversation")} className="relative flex h-full min-h-0 min-w-0 flex-col bg-canvas">
      {children}
    </section>
  );
}

const WIDTHS = ["w-56", "w-72", "w-40", "w-64", "w-48", "w-80"];

function Loading() {
  const t = useT();
  return (
    <div role="status" className="flex min-h-0 grow flex-col overflow-hidden">
      <span className="sr-only">{t("common.loading")}</span>
      <div className="flex min-h-14 shrink-0 items-center gap-3 border-b border-line bg-surface px-3">
        <Skeleton className="size-9 rounded-full" />
        <div className="grid gap-1"><Skeleton className="h-4 w-40" /><Skeleton className="h-3 w-28" /></div>
      </div>
      <div className="flex grow flex-col justify-end gap-3 p-5">
        {WIDTHS.map((width, index) => (
          <Skeleton key={width} className={`h-12 max-w-full rounded-xl ${width} ${index % 3 === 1 ? "self-end" : ""}`} />
        ))}
      </div>
    </div>
  );
}
