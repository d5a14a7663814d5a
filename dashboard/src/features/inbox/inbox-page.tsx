import { useNavigate, useParams } from "@tanstack/react-router";
import { Suspense, lazy, useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { Spinner } from "@/components/ui/spinner";
import { setOpenConversation } from "@/features/conversation-list/conversation-cache";
import { ConversationList } from "@/features/conversation-list/conversation-list";
import { useOneConversation } from "@/features/conversation-list/use-conversations";
import type { ListFilters } from "@/features/conversation-list/filters";
import { toSearch, useListFilters } from "@/features/conversation-list/use-list-filters";
import { ContactDrawer } from "@/features/inbox/contact-drawer";
import { NothingOpen } from "@/features/inbox/nothing-open";
import { useWide } from "@/features/inbox/use-wide";
import { requestComposerMode } from "@/features/shortcuts/composer-mode";
import { cx } from "@/lib/class-names";
import { useHotkey } from "@/lib/hotkeys";
import { useT } from "@/lib/i18n";
import { useMe } from "@/lib/me";
import { useStored } from "@/lib/storage";

// The list shows before the code of what is opened from it is there; that comes when nothing else does.
const LATER_MS = 1500;
const loadThread = () => import("@/features/thread/thread-pane");
const loadOutgoing = () => import("@/features/composer/outgoing");
const loadContact = () => import("@/features/contact-pane/contact-pane");
const ThreadPane = lazy(() => loadThread().then((code) => ({ default: code.ThreadPane })));
const ContactPane = lazy(() => loadContact().then((code) => ({ default: code.ContactPane })));

/** List, thread and contact: three panes where there is room, one at a time on a phone. */
export function InboxPage() {
  const t = useT();
  const { chatId } = useParams({ strict: false });
  const [filters, setFilters] = useListFilters();
  // The list shows at once what was chosen; the panes beside it, which are more work, come right after.
  const shownId = useDeferredValue(chatId);
  const contactId = useOneConversation(shownId)?.contact_id;
  const wide = useWide();
  const [beside, setBeside] = useStored("contact-pane", true);
  // The drawer belongs to the conversation that it was opened over.
  const [drawer, setDrawer] = useState<string>();
  const list = useRef<HTMLElement>(null);
  useEffect(() => {
    setOpenConversation(chatId);
    return () => setOpenConversation(undefined);
  }, [chatId]);
  const title = t("list.page_title");
  useEffect(() => {
    document.title = `${title} · Frontdesk`;
  }, [title]);
  useInboxKeys(chatId, filters, () => list.current?.querySelector<HTMLElement>("[role=listbox]")?.focus({ preventScroll: true }));

  const { person_id: me } = useMe();
  useEffect(() => {
    const rest = async () => {
      await Promise.all([loadThread(), loadContact()]);
      // What an earlier page could not send any more goes, whether its conversation is opened or not.
      (await loadOutgoing()).resumeOutgoing(me);
    };
    const idle = setTimeout(() => void rest().catch(() => {}), LATER_MS);
    return () => clearTimeout(idle);
  }, [me]);
  const toggle = useCallback(() => {
    if (wide) setBeside(!beside);
    else setDrawer((open) => (open === shownId ? undefined : shownId));
  }, [wide, beside, setBeside, shownId]);
  const thread = useMemo(
    () => (shownId === undefined ? <NothingOpen /> : <ThreadPane chatId={shownId} onToggleContact={toggle} />),
    [shownId, toggle],
  );
  const contact = useMemo(
    () => shownId !== undefined && contactId !== undefined && <ContactPane key={contactId} chatId={shownId} contactId={contactId} />,
    [shownId, contactId],
  );
  return (
    <div className="flex h-full min-h-0 bg-surface">
      <h1 className="sr-only">{title}</h1>
      <section
        ref={list}
        aria-label={t("list.pane_list")}
        className={cx("w-full shrink-0 border-e border-line md:w-76 lg:w-84 xl:w-90", chatId !== undefined && "max-md:hidden")}
      >
        <ConversationList chatId={chatId} filters={filters} onFilters={setFilters} />
      </section>
      <div className={cx("min-w-0 flex-1 bg-canvas", chatId === undefined && "max-md:hidden")}>
        <Suspense fallback={<Loading />}>
          {thread}
        </Suspense>
      </div>
      {wide && beside && contact && (
        <section aria-label={t("list.pane_contact")} className="w-80 shrink-0 border-s border-line 2xl:w-88">
          <Suspense fallback={<Loading />}>{contact}</Suspense>
        </section>
      )}
      {!wide && (
        <ContactDrawer open={drawer !== undefined && drawer === shownId} onClose={() => setDrawer(undefined)}>
          <Suspense fallback={<Loading />}>{contact}</Suspense>
        </ContactDrawer>
      )}
    </div>
  );
}

function Loading() {
  const t = useT();
  return (
    <div className="flex size-full items-center justify-center text-muted">
      <Spinner className="size-5" label={t("common.loading")} />
    </div>
  );
}

function useInboxKeys(chatId: string | undefined, filters: ListFilters, focusList: () => void): void {
  const t = useT();
  const navigate = useNavigate();
  const group = t("list.keys_group_open");
  const enabled = chatId !== undefined;
  useHotkey("alt+l", () => requestComposerMode("reply"), { label: t("list.keys_reply"), group, enabled });
  useHotkey("alt+p", () => requestComposerMode("note"), { label: t("list.keys_note"), group, enabled });
  useHotkey("escape", () => {
    void navigate({ to: "/inbox", search: toSearch(filters) });
    focusList();
  }, { label: t("list.keys_back"), group, enabled });
}
