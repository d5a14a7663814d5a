import { ContactRound, SearchX } from "lucide-react";
import { useCallback } from "react";
import { buttonClass, Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { Skeleton } from "@/components/ui/skeleton";
import { Spinner } from "@/components/ui/spinner";
import { ContactListbox } from "@/features/contacts/contact-listbox";
import { ROW_HEIGHT } from "@/features/contacts/contact-row";
import { useContacts } from "@/features/contacts/use-contacts";
import { useT } from "@/lib/i18n";
import { useMe } from "@/lib/me";

export interface ContactListProps {
  text: string;
  segmentId: string | undefined;
  contactId: string | undefined;
  onOpen: (contactId: string) => void;
  onClear: () => void;
}

export function ContactList({ text, segmentId, contactId, onOpen, onClear }: ContactListProps) {
  const t = useT();
  const { items, isPending, isError, error, isFetching, refetch, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = useContacts(text, segmentId);
  const more = useCallback(() => {
    if (!isFetchingNextPage && !isFetchNextPageError) void fetchNextPage();
  }, [fetchNextPage, isFetchingNextPage, isFetchNextPageError]);
  if (isPending) return <ListSkeleton />;
  if (isError && items.length === 0) return <ErrorState error={error} onRetry={() => void refetch()} retrying={isFetching} />;
  if (items.length === 0 && segmentId !== undefined) return <EmptyState icon={SearchX} title={t("audience.segment_empty")}>{t("audience.segment_empty_text")}</EmptyState>;
  if (items.length === 0) return <Empty text={text} onClear={onClear} />;
  const foot = isFetchNextPageError
    ? <ErrorState inline error={error} onRetry={() => void fetchNextPage()} retrying={isFetchingNextPage} />
    : hasNextPage ? <Spinner label={t("common.loading_more")} /> : t("contacts.list_end");
  return <ContactListbox items={items} contactId={contactId} hasMore={hasNextPage} loadMore={more} onOpen={onOpen} foot={foot} />;
}

function ListSkeleton() {
  const t = useT();
  return (
    <div role="status" className="min-h-0 flex-1 overflow-hidden">
      <span className="sr-only">{t("common.loading")}</span>
      {Array.from({ length: 12 }, (_, place) => (
        <div key={place} style={{ height: ROW_HEIGHT }} className="flex items-center gap-3 border-b border-line px-3">
          <Skeleton className="size-9 rounded-full!" />
          <div className="flex flex-1 flex-col gap-2">
            <Skeleton className="h-3.5 w-2/5" />
            <Skeleton className="h-3 w-3/5" />
          </div>
        </div>
      ))}
    </div>
  );
}

function Empty({ text, onClear }: { text: string; onClear: () => void }) {
  const t = useT();
  const { features } = useMe();
  if (text !== "") {
    return (
      <EmptyState icon={SearchX} title={t("contacts.nothing_found_title")} action={<Button onClick={onClear}>{t("contacts.search_clear")}</Button>}>
        {t("contacts.nothing_found_text", { query: text })}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={ContactRound}
      title={t("contacts.empty_title")}
      action={features.sandbox && <a href="/sandbox/phone" target="_blank" rel="noreferrer" className={buttonClass("primary")}>{t("contacts.empty_phone")}</a>}
    >
      {t(features.sandbox ? "contacts.empty_text" : "contacts.empty_text_no_sandbox")}
    </EmptyState>
  );
}
