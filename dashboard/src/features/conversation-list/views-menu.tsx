import { Bookmark, Pencil, Plus } from "lucide-react";
import { useState } from "react";
import type { View } from "@/api/types";
import { DropdownMenu } from "@/components/ui/dropdown-menu";
import { IconButton } from "@/components/ui/icon-button";
import type { MenuEntry } from "@/components/ui/menu-entry";
import { fromView, isNarrowed, type ListFilters, sameFilters, tabOf } from "@/features/conversation-list/filters";
import { ViewDialog } from "@/features/conversation-list/view-dialog";
import { useViews } from "@/lib/directory";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";

export interface ViewsMenuProps {
  filters: ListFilters;
  onChange: (filters: ListFilters) => void;
}

/** Filters by a name: one's own, and those that are shared. */
export function ViewsMenu({ filters, onChange }: ViewsMenuProps) {
  const t = useT();
  const views = useViews().data ?? [];
  const mayChange = useCan("agent");
  const maySort = useCan("admin");
  const [editing, setEditing] = useState<View | "new" | null>(null);
  const current = views.find((view) => sameFilters(fromView(view.filters), filters));
  const entries = (some: View[]): MenuEntry[] =>
    some.map((view) => ({ label: view.name, checked: view === current, onSelect: () => onChange(fromView(view.filters)) }));
  const [own, shared] = [views.filter((view) => view.own && !view.shared), views.filter((view) => view.shared)];
  const group = (label: string, some: View[]): MenuEntry[] => (some.length > 0 ? [{ kind: "label", label }, ...entries(some)] : []);
  const items: MenuEntry[] = [
    ...group(t("list.views_shared"), shared),
    ...group(t("list.views_own"), own),
    ...(views.length === 0 ? [{ kind: "label" as const, label: t("list.views_empty") }] : [{ kind: "separator" as const }]),
  ];
  if (mayChange && !current && (isNarrowed(filters) || tabOf(filters) !== "all")) {
    items.push({ label: t("list.view_save"), icon: Plus, onSelect: () => setEditing("new") });
  }
  if (mayChange && current && (current.own || maySort)) {
    items.push({ label: t("list.view_manage", { name: current.name }), icon: Pencil, onSelect: () => setEditing(current) });
  } else if (mayChange) {
    for (const view of views.filter((each) => each.own)) {
      items.push({ label: t("list.view_manage", { name: view.name }), icon: Pencil, onSelect: () => setEditing(view) });
    }
  }
  return (
    <>
      <DropdownMenu
        align="end"
        className="max-w-72"
        items={items}
        trigger={<IconButton icon={Bookmark} label={t("list.views")} pressed={current !== undefined} tooltip={false} title={t("list.views")} />}
      />
      {editing && <ViewDialog view={editing === "new" ? null : editing} filters={filters} onClose={() => setEditing(null)} />}
    </>
  );
}
