import { Search } from "lucide-react";
import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { ErrorState } from "@/components/ui/error-state";
import { Kbd } from "@/components/ui/kbd";
import { Spinner } from "@/components/ui/spinner";
import { cx } from "@/lib/class-names";
import { useT } from "@/lib/i18n";

export interface BarEntry {
  id: string;
  group: string;
  icon: ReactNode;
  title: string;
  text?: ReactNode;
  end?: ReactNode;
  run: () => void;
}

export interface BarListProps {
  typed: string;
  onType: (text: string) => void;
  entries: readonly BarEntry[];
  searching: boolean;
  error: Error | null;
  onRetry: () => void;
  truncated: boolean;
  close: () => void;
}

/** A field and the list below it; the focus stays in the field, the keys move in the list. */
export function BarList({ typed, onType, entries, searching, error, onRetry, truncated, close }: BarListProps) {
  const t = useT();
  const listId = useId();
  const [active, setActive] = useState("");
  const at = Math.max(0, entries.findIndex((entry) => entry.id === active));
  const current = entries[at];

  function run(entry: BarEntry | undefined): void {
    if (!entry) return;
    close();
    entry.run();
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) setActive(entries[(at + step + entries.length) % entries.length]?.id ?? "");
    else if (event.key === "Enter") run(current);
    else return;
    event.preventDefault();
  }

  const status = searching ? t("list.bar_searching") : t("list.bar_results", { count: entries.length });
  return (
    <>
      <div className="relative flex shrink-0 items-center border-b border-line">
        <Search aria-hidden className="pointer-events-none absolute start-4 size-4.5 text-faint" />
        <input
          role="combobox"
          // The dialog was opened to type into it.
          // eslint-disable-next-line jsx-a11y/no-autofocus
          autoFocus
          aria-label={t("list.bar_placeholder")}
          aria-expanded={entries.length > 0}
          aria-controls={listId}
          aria-activedescendant={current ? `${listId}-${at}` : undefined}
          autoComplete="off"
          spellCheck={false}
          placeholder={t("list.bar_placeholder")}
          value={typed}
          onChange={(event) => {
            onType(event.target.value);
            setActive("");
          }}
          onKeyDown={onKeyDown}
          className="h-12 w-full bg-transparent ps-11 pe-11 text-lg outline-none"
        />
        {searching && <Spinner className="absolute end-4 text-muted" />}
      </div>
      <span role="status" className="sr-only">{typed !== "" && status}</span>
      {error && <ErrorState inline error={error} onRetry={onRetry} />}
      <div id={listId} role="listbox" aria-label={t("list.bar_title")} className="min-h-40 flex-1 overflow-y-auto p-2 sm:max-h-[50dvh]">
        {entries.map((entry, place) => (
          <Entry
            key={entry.id}
            id={`${listId}-${place}`}
            entry={entry}
            heading={entries[place - 1]?.group === entry.group ? null : entry.group}
            active={place === at}
            onPoint={() => setActive(entry.id)}
            onRun={() => run(entry)}
          />
        ))}
      </div>
      {entries.length === 0 && !searching && (
        <p className="absolute inset-x-0 top-24 text-center text-muted">{t("list.bar_nothing", { query: typed.trim() })}</p>
      )}
      <p className="flex shrink-0 items-center gap-4 border-t border-line px-4 py-2 text-xs text-faint">
        <span className="inline-flex items-center gap-1 max-sm:hidden"><Kbd combo="arrowdown" /> {t("list.bar_foot_move")}</span>
        <span className="inline-flex items-center gap-1 max-sm:hidden"><Kbd combo="enter" /> {t("list.bar_foot_open")}</span>
        <span className="inline-flex items-center gap-1 max-sm:hidden"><Kbd combo="escape" /> {t("list.bar_foot_close")}</span>
        {truncated && <span className="ms-auto">{t("list.bar_truncated")}</span>}
      </p>
    </>
  );
}

interface EntryProps {
  id: string;
  entry: BarEntry;
  heading: string | null;
  active: boolean;
  onPoint: () => void;
  onRun: () => void;
}

function Entry({ id, entry, heading, active, onPoint, onRun }: EntryProps) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (active) row.current?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <>
      {heading !== null && <div role="presentation" className="px-2 pt-3 pb-1 text-xs font-medium text-faint first:pt-1">{heading}</div>}
      {/* The keys are the field's: see aria-activedescendant. */}
      {/* eslint-disable-next-line jsx-a11y/click-events-have-key-events */}
      <div
        ref={row}
        id={id}
        role="option"
        tabIndex={-1}
        aria-selected={active}
        onPointerMove={active ? undefined : onPoint}
        onClick={onRun}
        className={cx("flex min-h-9 cursor-pointer items-center gap-3 rounded-md px-2 py-1.5 [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-muted", active && "bg-hover")}
      >
        {entry.icon}
        <span className="min-w-0 flex-1">
          <span className="block truncate">{entry.title}</span>
          {entry.text && <span className="block truncate text-sm text-muted">{entry.text}</span>}
        </span>
        {entry.end && <span className="shrink-0 text-xs text-faint">{entry.end}</span>}
      </div>
    </>
  );
}
