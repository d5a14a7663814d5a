import type { Counts } from "@/api/types";
import { type ListFilters, type Tab, tabOf, withTab } from "@/features/conversation-list/filters";
import { cx } from "@/lib/class-names";
import { formatNumber, useT } from "@/lib/i18n";

const TABS: readonly Tab[] = ["mine", "unassigned", "all"];
/** The server counts no further. */
const MOST = 1000;

export interface ListTabsProps {
  filters: ListFilters;
  counts: Counts | undefined;
  onChange: (filters: ListFilters) => void;
}

/** Whose conversations: choosing narrows the one list, so these are toggles, not panels. */
export function ListTabs({ filters, counts, onChange }: ListTabsProps) {
  const t = useT();
  const chosen = tabOf(filters);
  return (
    <div role="group" aria-label={t("list.tabs_label")} className="flex gap-1 px-2">
      {TABS.map((tab) => (
        <button
          key={tab}
          type="button"
          aria-pressed={tab === chosen}
          onClick={() => onChange(withTab(filters, tab))}
          className={cx(
            "-mb-px inline-flex h-9 min-w-0 items-center gap-1.5 border-b-2 px-2 font-medium focus-visible:-outline-offset-2",
            tab === chosen ? "border-accent text-ink" : "border-transparent text-muted hover:text-ink",
          )}
        >
          <span className="truncate">{t(`list.tab_${tab}`)}</span>
          <span className="min-w-4 text-xs font-normal text-faint">{counts && short(counts[tab])}</span>
        </button>
      ))}
    </div>
  );
}

function short(count: number): string {
  return count >= MOST ? `${formatNumber(MOST)}+` : formatNumber(count);
}
