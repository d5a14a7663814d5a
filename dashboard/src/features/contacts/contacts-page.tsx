import { skipToken, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ArrowLeft, ContactRound } from "lucide-react";
import { useCallback, useEffect, useRef } from "react";
import type { Contact } from "@/api/types";
import { EmptyState } from "@/components/ui/empty-state";
import { ContactCard } from "@/features/contact-pane/contact-card";
import { ContactList } from "@/features/contacts/contact-list";
import { ContactsMenu, SegmentFilter } from "@/features/contacts/segment-filter";
import { ContactsSearch } from "@/features/contacts/contacts-search";
import { cx } from "@/lib/class-names";
import { useHotkey } from "@/lib/hotkeys";
import { useT } from "@/lib/i18n";
import { keys } from "@/lib/query";

/** Everybody who ever wrote, and the card of one of them: on a phone one after the other. */
export function ContactsPage() {
  const t = useT();
  const navigate = useNavigate();
  const { contactId } = useParams({ strict: false });
  const search: { q?: string; segment?: string } = useSearch({ strict: false });
  const segmentId = search.segment;
  const text = segmentId === undefined ? (search.q ?? "") : "";
  const list = useRef<HTMLElement>(null);
  const title = t("contacts.title");
  useEffect(() => {
    document.title = `${title} · Frontdesk`;
  }, [title]);
  useMerged(contactId);

  const onSearch = useCallback(
    (q: string) => void navigate({ to: ".", search: q === "" ? {} : { q }, replace: true }),
    [navigate],
  );
  const onSegment = (id: string | undefined) => void navigate({ to: ".", search: id === undefined ? {} : { segment: id } });
  const onOpen = (id: string) => void navigate({ to: "/contacts/$contactId", params: { contactId: id }, search: true });
  const focus = (selector: string) => list.current?.querySelector<HTMLElement>(selector)?.focus({ preventScroll: true });
  const group = t("contacts.keys_group");
  useHotkey("/", () => focus("input"), { label: t("contacts.keys_search"), group });
  useHotkey("escape", () => {
    void navigate({ to: "/contacts", search: true });
    focus("[role=listbox]");
  }, { label: t("contacts.keys_back"), group, enabled: contactId !== undefined });

  return (
    <div className="flex h-full min-h-0 bg-surface">
      <section
        ref={list}
        aria-label={title}
        className={cx("flex w-full shrink-0 flex-col border-e border-line md:w-76 lg:w-84 xl:w-90", contactId !== undefined && "max-md:hidden")}
      >
        <div className="flex shrink-0 flex-col gap-2 border-b border-line px-3 py-3">
          <div className="flex items-center justify-between gap-2">
            <h1 className="text-lg font-semibold">{title}</h1>
            <ContactsMenu segmentId={segmentId} text={text} contactId={contactId} onChoose={onSegment} />
          </div>
          {segmentId === undefined && <ContactsSearch value={text} onSearch={onSearch} onDown={() => focus("[role=listbox]")} />}
          <SegmentFilter segmentId={segmentId} onChoose={onSegment} />
        </div>
        <ContactList text={text} segmentId={segmentId} contactId={contactId} onOpen={onOpen} onClear={() => onSearch("")} />
      </section>
      <div className={cx("@container flex min-w-0 flex-1 flex-col bg-canvas", contactId === undefined && "max-md:hidden")}>
        {contactId === undefined ? (
          <EmptyState icon={ContactRound} title={t("contacts.nothing_open_title")}>{t("contacts.nothing_open_text")}</EmptyState>
        ) : (
          <>
            <div className="flex h-12 shrink-0 items-center border-b border-line bg-surface px-2 md:hidden">
              <Link to="/contacts" search={true} className="inline-flex h-9 items-center gap-1.5 rounded-md px-2 text-muted hover:bg-hover hover:text-ink">
                <ArrowLeft aria-hidden className="size-5 rtl:-scale-x-100" />
                {t("contacts.back_to_list")}
              </Link>
            </div>
            <div className="flex min-h-0 flex-1 flex-col overflow-y-auto bg-surface">
              <div className="mx-auto flex w-full max-w-5xl flex-1 flex-col @3xl:px-4 @3xl:py-2">
                <ContactCard key={contactId} contactId={contactId} />
              </div>
            </div>
          </>
        )}
      </div>
    </div>
  );
}

/** The address of a contact that was merged leads to the one that stands for it. */
function useMerged(contactId: string | undefined): void {
  const navigate = useNavigate();
  const card = useQuery<Contact>({ queryKey: keys.contact(contactId ?? ""), queryFn: skipToken }).data;
  const kept = card?.contact_id;
  useEffect(() => {
    if (kept === undefined || kept === contactId) return;
    void navigate({ to: "/contacts/$contactId", params: { contactId: kept }, search: true, replace: true });
  }, [kept, contactId, navigate]);
}
