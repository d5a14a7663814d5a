import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Ban, Search } from "lucide-react";
import { useEffect, useId, useState, type KeyboardEvent } from "react";
import type { ContactRow, Page } from "@/api/types";
import { Avatar } from "@/components/ui/avatar";
import { ErrorState } from "@/components/ui/error-state";
import { Input } from "@/components/ui/input";
import { MENU_ITEM } from "@/components/ui/menu-class";
import { Skeleton } from "@/components/ui/skeleton";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { keys } from "@/lib/query";

const QUIET_MS = 200;
const MOST = 20;

export interface ContactSearchProps {
  /** Not offered. */
  without: readonly string[];
  onChoose: (contactId: string) => void;
}

/** Finds one contact: those who came last before anything is typed. */
export function ContactSearch({ without, onChoose }: ContactSearchProps) {
  const t = useT();
  const listId = useId();
  const [typed, setTyped] = useState("");
  const [active, setActive] = useState(0);
  const text = useQuiet(typed.trim());
  const query = useQuery({
    queryKey: keys.contacts({ q: text, choose: "one" }),
    queryFn: ({ signal }) => api.get<Page<ContactRow>>("/api/v1/contacts", { q: text, limit: MOST + without.length }, { signal }),
    placeholderData: keepPreviousData,
  });
  const found = (query.data?.items ?? []).filter((row) => !without.includes(row.contact_id)).slice(0, MOST);
  const at = Math.min(active, found.length - 1);

  function onKeyDown(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing || found.length === 0) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = found[at];
    if (step !== undefined) setActive((at + step + found.length) % found.length);
    else if (event.key === "Enter" && row) onChoose(row.contact_id);
    else return;
    event.preventDefault();
  }

  return (
    <div className="flex flex-col gap-2">
      <div className="relative">
        <Search aria-hidden className="pointer-events-none absolute start-2.5 top-2 size-4 text-faint" />
        <Input
          role="combobox"
          aria-label={t("contacts.search")}
          aria-expanded
          aria-controls={listId}
          aria-activedescendant={found.length > 0 ? `${listId}-${at}` : undefined}
          // The dialog is here for it.
          // eslint-disable-next-line jsx-a11y/no-autofocus
          autoFocus
          autoComplete="off"
          placeholder={t("contacts.search_placeholder")}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
          className="ps-8"
        />
      </div>
      <div id={listId} role="listbox" aria-label={t("contacts.title")} className="-mx-1 h-72 overflow-y-auto">
        {query.isPending && Array.from({ length: 5 }, (_, place) => <Skeleton key={place} className="mx-2 my-2 h-9" />)}
        {found.map((row, place) => (
          <Found key={row.contact_id} id={`${listId}-${place}`} row={row} active={place === at} onPoint={() => setActive(place)} onChoose={() => onChoose(row.contact_id)} />
        ))}
        {query.isError && <ErrorState inline error={query.error} onRetry={() => void query.refetch()} retrying={query.isFetching} />}
        <p role="status" className="px-2 py-3 text-muted empty:hidden">
          {query.isSuccess && found.length === 0 && (text === "" ? t("contacts.merge_nobody") : t("common.no_matches", { query: text }))}
        </p>
      </div>
    </div>
  );
}

interface FoundProps {
  id: string;
  row: ContactRow;
  active: boolean;
  onPoint: () => void;
  onChoose: () => void;
}

function Found({ id, row, active, onPoint, onChoose }: FoundProps) {
  const t = useT();
  return (
    // The focus stays in the field, which says by aria-activedescendant where the keys are.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={active}
      data-highlighted={active ? "" : undefined}
      onPointerMove={onPoint}
      onClick={onChoose}
      ref={(node) => {
        if (active) node?.scrollIntoView({ block: "nearest" });
      }}
      className={`${MENU_ITEM} min-h-11`}
    >
      <Avatar name={row.display_name} id={row.contact_id} className="size-8!" />
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium"><bdi>{row.display_name}</bdi></span>
        <span className="block truncate text-sm text-muted">
          <bdi>{[row.address, row.email].filter((each) => each && each !== row.display_name).join(" · ")}</bdi>
        </span>
      </span>
      {row.blocked && (
        <>
          <Ban aria-hidden className="text-danger" />
          <span className="sr-only">{t("contacts.is_blocked")}</span>
        </>
      )}
    </div>
  );
}

/** The text, once nothing was typed for a moment. */
function useQuiet(text: string): string {
  const [quiet, setQuiet] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setQuiet(text), QUIET_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return quiet;
}
