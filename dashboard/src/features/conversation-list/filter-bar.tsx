import { ChevronDown, ListFilter, X } from "lucide-react";
import { Button } from "@/components/ui/button";
import { DropdownMenu } from "@/components/ui/dropdown-menu";
import type { MenuEntry } from "@/components/ui/menu-entry";
import { type Directory, filterText } from "@/features/conversation-list/filter-names";
import {
  CHANNELS, chipsOf, cleared, FLAGS, type FilterName, isNarrowed, type ListFilters, PRIORITIES, STATUSES, withFilter,
} from "@/features/conversation-list/filters";
import { useMenuSetting } from "@/features/conversation-list/use-menu-setting";
import { useT } from "@/lib/i18n";

export interface FilterBarProps {
  filters: ListFilters;
  onChange: (filters: ListFilters) => void;
}

/** The status, the filters in force as chips, and the menu of more. */
export function FilterBar({ filters, onChange }: FilterBarProps) {
  const t = useT();
  const directory = useMenuSetting();
  const chips = chipsOf(filters);
  return (
    <div className="flex min-h-9 flex-wrap items-center gap-1 px-2 py-1">
      <StatusMenu filters={filters} onChange={onChange} />
      <ul aria-label={t("list.filters_label")} className="contents">
        {chips.map((name) => (
          <Chip key={name} text={filterText(name, filters, directory, t)} onRemove={() => onChange(withFilter(filters, name, undefined))} />
        ))}
      </ul>
      {chips.length > 0 && isNarrowed(filters) && (
        <button type="button" onClick={() => onChange(cleared(filters))} className="h-6 rounded-md px-1.5 text-sm text-muted underline-offset-2 hover:text-ink hover:underline">
          {t("common.clear")}
        </button>
      )}
      <DropdownMenu
        align="end"
        items={filterEntries(filters, onChange, directory)}
        trigger={
          <Button size="sm" variant="ghost" className="ms-auto text-muted">
            <ListFilter aria-hidden />
            {t("list.filter")}
          </Button>
        }
      />
    </div>
  );
}

function Chip({ text, onRemove }: { text: string; onRemove: () => void }) {
  const t = useT();
  return (
    <li className="inline-flex h-6 max-w-44 items-center rounded-full bg-accent-soft ps-2 text-sm text-accent-ink">
      <span className="truncate">{text}</span>
      <button
        type="button"
        aria-label={t("list.filter_remove", { name: text })}
        onClick={onRemove}
        className="inline-flex size-6 shrink-0 items-center justify-center rounded-full hover:bg-hover"
      >
        <X aria-hidden className="size-3.5" />
      </button>
    </li>
  );
}

function StatusMenu({ filters, onChange }: FilterBarProps) {
  const t = useT();
  const current = filters.status ?? "open";
  const items: MenuEntry[] = [...STATUSES, "all" as const].map((status) => ({
    label: status === "all" ? t("list.status_any") : t(`common.status_${status}`),
    checked: status === current,
    onSelect: () => onChange(withFilter(filters, "status", status === "open" ? undefined : status)),
  }));
  const name = filterText("status", filters, { labels: [], teams: [], people: [] }, t);
  return (
    <DropdownMenu
      align="start"
      items={items}
      trigger={
        <Button size="sm" variant="ghost" aria-label={`${t("list.status_label")}: ${name}`} className="px-1.5!">
          {name}
          <ChevronDown aria-hidden className="text-muted" />
        </Button>
      }
    />
  );
}

function filterEntries(filters: ListFilters, onChange: (filters: ListFilters) => void, directory: ReturnType<typeof useMenuSetting>): MenuEntry[] {
  const { t, labels, teams, people } = directory;
  /** Choosing what is chosen takes it away. */
  function choice<Name extends FilterName>(name: Name, value: NonNullable<ListFilters[Name]>, label: string): MenuEntry {
    const checked = filters[name] === value;
    return { label, checked, onSelect: () => onChange(withFilter(filters, name, checked ? undefined : value)) };
  }
  const submenu = (label: string, items: MenuEntry[]): MenuEntry[] => (items.length > 0 ? [{ kind: "submenu", label, items }] : []);
  return [
    ...FLAGS.map((flag): MenuEntry => choice(flag, true, t(`list.filter_${flag}`))),
    { kind: "separator" },
    ...submenu(t("list.filter_channel"), CHANNELS.map((channel) => choice("channel", channel, t(`common.channel_${channel}`)))),
    ...submenu(t("list.filter_label"), labels.map((label) => choice("label", label.label_id, label.name))),
    ...submenu(t("list.filter_team"), teams.map((team) => choice("team", team.team_id, team.name))),
    ...submenu(t("list.filter_assignee"), assignees(people, t).map(([id, name]) => choice("assignee", id, name))),
    ...submenu(t("list.filter_priority"), PRIORITIES.map((priority) => choice("priority", priority, t(`common.priority_${priority}`)))),
    ...submenu(t("list.filter_mode"), (["assistant", "manual"] as const).map((mode) => choice("mode", mode, t(`common.mode_${mode}`)))),
  ];
}

function assignees(people: Directory["people"], t: ReturnType<typeof useT>): [string, string][] {
  return [["any", t("list.assignee_any")], ...people.map(({ person_id, name, email }): [string, string] => [person_id, name || email])];
}
