import { useNavigate } from "@tanstack/react-router";
import { SquarePen } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import type { Conversation } from "@/api/types";
import { ErrorState } from "@/components/ui/error-state";
import { IconButton } from "@/components/ui/icon-button";
import type { MenuEntry } from "@/components/ui/menu-entry";
import { Spinner } from "@/components/ui/spinner";
import { Announcer } from "@/features/conversation-list/announcer";
import { BulkBar } from "@/features/conversation-list/bulk-bar";
import { BlockDialog } from "@/features/conversation-list/conversation-actions";
import { ConversationListbox } from "@/features/conversation-list/conversation-listbox";
import { rowEntries } from "@/features/conversation-list/conversation-menu";
import { FilterBar } from "@/features/conversation-list/filter-bar";
import { type ListFilters, toQuery, withFilter } from "@/features/conversation-list/filters";
import { ListSearch } from "@/features/conversation-list/list-search";
import { EmptyList, ListSkeleton } from "@/features/conversation-list/list-states";
import { ListTabs } from "@/features/conversation-list/list-tabs";
import { SnoozeDialog } from "@/features/conversation-list/snooze-dialog";
import { useConversationChange } from "@/features/conversation-list/use-conversation-change";
import { useConversations, useCounts } from "@/features/conversation-list/use-conversations";
import { toSearch } from "@/features/conversation-list/use-list-filters";
import { useMenuSetting } from "@/features/conversation-list/use-menu-setting";
import { type Selection, useSelection } from "@/features/conversation-list/use-selection";
import { ViewsMenu } from "@/features/conversation-list/views-menu";
import { openFollowUp } from "@/features/follow-ups/asking";
import { openNewConversation } from "@/features/new-conversation/opening";
import { NotificationBell } from "@/features/notifications/notification-settings";
import { cx } from "@/lib/class-names";
import { useHotkey } from "@/lib/hotkeys";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";

export interface ConversationListProps {
  chatId: string | undefined;
  filters: ListFilters;
  onFilters: (filters: ListFilters) => void;
}

/** The whole left pane: search, tabs, filters, and the list. */
export function ConversationList({ chatId, filters, onFilters }: ConversationListProps) {
  const t = useT();
  const counts = useCounts();
  const list = useConversations(filters);
  const selection = useSelection(JSON.stringify(toQuery(filters)));
  const selected = list.items.filter((item) => selection.ids.has(item.chat_id));
  const mayChange = useCan("agent");
  useNeighbourKeys(list.items, chatId, filters);
  const onSearch = useCallback((text: string) => onFilters(withFilter(filters, "q", text === "" ? undefined : text)), [filters, onFilters]);
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex items-center gap-1 px-3 pt-3 pb-1">
        <ListSearch value={filters.q ?? ""} onSearch={onSearch} />
        {mayChange && (
          <IconButton icon={SquarePen} label={t("list.new_conversation")} hotkey="alt+n" aria-haspopup="dialog" onClick={() => openNewConversation()} />
        )}
        <ViewsMenu filters={filters} onChange={onFilters} />
        <NotificationBell />
      </div>
      <div className="border-b border-line">
        {mayChange && selected.length > 0 ? (
          <BulkBar
            selected={selected}
            total={list.items.length}
            onAll={() => selection.set(list.items.map((item) => item.chat_id))}
            onDone={() => selection.clear()}
          />
        ) : (
          <ListTabs filters={filters} counts={counts} onChange={onFilters} />
        )}
      </div>
      <FilterBar filters={filters} onChange={onFilters} />
      <div className={cx("flex min-h-0 flex-1 flex-col border-t border-line transition-opacity", list.isPlaceholderData && "opacity-60")} aria-busy={list.isFetching}>
        <Rows list={list} chatId={chatId} filters={filters} onFilters={onFilters} selection={selection} />
      </div>
      <Announcer selected={selected.length} chatId={chatId} />
    </div>
  );
}

interface RowsProps extends ConversationListProps {
  list: ReturnType<typeof useConversations>;
  selection: Selection;
}

function Rows({ list, chatId, filters, onFilters, selection }: RowsProps) {
  const t = useT();
  const navigate = useNavigate();
  const menu = useRowMenu(selection);
  const { fetchNextPage, isFetching, isFetchingNextPage, isFetchNextPageError: broken } = list;
  const isBare = list.items.length === 0;
  const isEmpty = list.isSuccess && isBare && !list.hasNextPage;
  const anyAtAll = useAnyAtAll(isEmpty);
  // Asking for more would end an answer for the whole list that is on its way.
  const loadMore = useCallback(() => {
    if (!isFetching && !broken) void fetchNextPage();
  }, [fetchNextPage, isFetching, broken]);
  const seeksOn = list.isSuccess && isBare && list.hasNextPage;
  useEffect(() => {
    if (seeksOn) loadMore();
  }, [seeksOn, loadMore]);
  if (list.isPending || seeksOn) return <ListSkeleton />;
  if (list.isError && isBare) {
    return <ErrorState error={list.error} onRetry={() => void (broken ? fetchNextPage() : list.refetch())} retrying={isFetching} />;
  }
  if (isEmpty) return <EmptyList filters={filters} anyAtAll={anyAtAll} onChange={onFilters} />;
  const foot = broken ? (
    <ErrorState inline error={list.error} onRetry={() => void fetchNextPage()} retrying={isFetchingNextPage} className="w-full bg-surface" />
  ) : list.hasNextPage ? (
    <Spinner label={t("common.loading_more")} />
  ) : (
    t("list.end")
  );
  return (
    <>
      <ConversationListbox
        key={JSON.stringify(toQuery(withFilter(filters, "q", undefined)))}
        label={t("list.title")}
        items={list.items}
        chatId={chatId}
        selection={selection}
        hasMore={list.hasNextPage}
        loadMore={loadMore}
        onOpen={(id) => void navigate({ to: "/inbox/$chatId", params: { chatId: id }, search: toSearch(filters) })}
        menuOf={menu.entriesOf}
        foot={foot}
      />
      {menu.dialogs}
    </>
  );
}

/** Alt+J and Alt+K from wherever the focus is; where the open one has left the list, from its place. */
function useNeighbourKeys(items: readonly Conversation[], chatId: string | undefined, filters: ListFilters): void {
  const t = useT();
  const navigate = useNavigate();
  const place = useRef(-1);
  const at = items.findIndex((item) => item.chat_id === chatId);
  useEffect(() => {
    if (at >= 0) place.current = at;
    else if (chatId === undefined) place.current = -1;
  }, [at, chatId]);
  function go(step: 1 | -1): void {
    const left = chatId !== undefined && at < 0;
    const next = left && step === 1 ? place.current : (at >= 0 ? at : place.current) + step;
    const item = items[Math.min(Math.max(next, 0), items.length - 1)];
    if (item && item.chat_id !== chatId) void navigate({ to: "/inbox/$chatId", params: { chatId: item.chat_id }, search: toSearch(filters) });
  }
  const group = t("list.keys_group_list");
  useHotkey("alt+j", () => go(1), { label: t("list.keys_next"), group });
  useHotkey("alt+k", () => go(-1), { label: t("list.keys_previous"), group });
}

/** A new domain is taught something else than one whose conversations are only filtered away. */
function useAnyAtAll(wanted: boolean): boolean | null {
  const all = useConversations({ status: "all" }, wanted);
  return all.isSuccess ? all.items.length > 0 || all.hasNextPage : null;
}

function useRowMenu(selection: Selection) {
  const setting = useMenuSetting();
  const work = useConversationChange();
  const mayChange = useCan("agent");
  const [snoozing, setSnoozing] = useState<Conversation | null>(null);
  const [blocking, setBlocking] = useState<Conversation | null>(null);
  const entriesOf = (conversation: Conversation): MenuEntry[] =>
    rowEntries({
      ...setting,
      mayChange,
      change: (change) => void work.change(conversation, change),
      chooseSnooze: () => setSnoozing(conversation),
      read: (read) => void work.read(conversation, read),
      block: () => (conversation.blocked ? void work.block(conversation, false) : setBlocking(conversation)),
      followUp: () => openFollowUp(conversation),
      select: () => selection.toggle(conversation.chat_id),
    }, conversation, new Date());
  const dialogs = (
    <>
      <SnoozeDialog
        open={snoozing !== null}
        onOpenChange={(open) => !open && setSnoozing(null)}
        onSnooze={(until) => snoozing && void work.change(snoozing, { status: "snoozed", snoozed_until: until.toISOString() })}
      />
      {blocking && <BlockDialog conversation={blocking} open onOpenChange={(open) => !open && setBlocking(null)} />}
    </>
  );
  return { entriesOf, dialogs };
}
