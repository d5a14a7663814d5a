import { Link } from "@tanstack/react-router";
import { Bookmark, ExternalLink, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import type { View } from "@/api/types";
import { Badge } from "@/components/ui/badge";
import { buttonClass } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { IconButton } from "@/components/ui/icon-button";
import { Switch } from "@/components/ui/switch";
import { filterText } from "@/features/conversation-list/filter-names";
import { fromView, toQuery, type FilterName } from "@/features/conversation-list/filters";
import { Row, Rows } from "@/features/settings/parts/card";
import { useConfirm } from "@/features/settings/parts/confirm";
import { Loaded } from "@/features/settings/parts/loaded";
import { SectionPage } from "@/features/settings/parts/section-page";
import { useListChange } from "@/features/settings/parts/use-list-change";
import { useListFocus } from "@/features/settings/parts/use-list-focus";
import { RenameDialog } from "@/features/settings/views/rename-dialog";
import { useLabels, usePeople, useTeams, useViews } from "@/lib/directory";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";
import { keys } from "@/lib/query";

/** Saved views are made over the list; here they are named, shared and deleted. */
export function ViewsSection() {
  const t = useT();
  const views = useViews();
  const confirm = useConfirm();
  const change = useListChange<View>(keys.views);
  const { ref, afterRemoval } = useListFocus<HTMLDivElement>();
  const [renaming, setRenaming] = useState<View | null>(null);
  const share = (view: View, shared: boolean) =>
    void change({
      now: (items) => items.map((each) => (each.view_id === view.view_id ? { ...each, shared } : each)),
      request: () => api.patch(`/api/v1/views/${view.view_id}`, { shared }),
      told: t(shared ? "settings.view_shared_now" : "settings.view_private_now", { name: view.name }),
    }).catch(() => undefined);
  const remove = (view: View, index: number) =>
    confirm.ask({
      title: t("list.view_delete_title", { name: view.name }),
      text: t(view.shared ? "settings.view_delete_shared" : "list.view_delete_text"),
      action: t("common.delete"),
      run: async () => {
        await change({
          now: (items) => items.filter((each) => each.view_id !== view.view_id),
          request: () => api.delete(`/api/v1/views/${view.view_id}`),
          told: t("settings.deleted", { name: view.name }),
        });
        afterRemoval(index);
      },
    });
  return (
    <SectionPage
      title={t("settings.views_title")}
      description={t("settings.views_text")}
      changes="agent"
      actions={<Link to="/inbox" search={{}} className={buttonClass()}>{t("settings.views_make")}</Link>}
    >
      <div ref={ref}>
        <Loaded query={views}>
          {(items) =>
            items.length === 0 ? (
              <EmptyState icon={Bookmark} title={t("settings.views_empty")}>{t("settings.views_empty_text")}</EmptyState>
            ) : (
              <Rows label={t("settings.views_title")}>
                {items.map((view, index) => (
                  <ViewRow key={view.view_id} view={view} onShare={(shared) => share(view, shared)} onRename={() => setRenaming(view)} onRemove={() => remove(view, index)} />
                ))}
              </Rows>
            )
          }
        </Loaded>
      </div>
      {renaming && <RenameDialog view={renaming} onClose={() => setRenaming(null)} />}
      {confirm.dialog}
    </SectionPage>
  );
}

interface ViewRowProps {
  view: View;
  onShare: (shared: boolean) => void;
  onRename: () => void;
  onRemove: () => void;
}

function ViewRow({ view, onShare, onRename, onRemove }: ViewRowProps) {
  const t = useT();
  const isAgent = useCan("agent");
  const isAdmin = useCan("admin");
  const may = isAgent && (view.own || isAdmin);
  const directory = { labels: useLabels().data ?? [], teams: useTeams().data ?? [], people: usePeople().data ?? [] };
  const filters = fromView(view.filters);
  const address = Object.fromEntries(Object.entries(filters).map(([name, value]) => [name, String(value)]));
  const words = (Object.keys(toQuery(filters)) as FilterName[]).map((name) => filterText(name, filters, directory, t));
  return (
    <Row>
      <div className="min-w-0 flex-1 basis-52">
        <div className="flex items-center gap-2 font-medium">
          <span className="truncate">{view.name}</span>
          {!view.own && <Badge>{t("settings.view_of_other")}</Badge>}
        </div>
        <div className="text-sm text-muted">{words.join(" · ") || t("settings.view_everything")}</div>
      </div>
      <span className="ms-auto flex items-center gap-1">
        <label className="me-2 flex min-h-8 items-center gap-2 text-sm">
          <Switch checked={view.shared} disabled={!may} onChange={onShare} aria-label={t("settings.view_share_of", { name: view.name })} />
          <span aria-hidden>{t("settings.view_shared")}</span>
        </label>
        <Link to="/inbox" search={address} aria-label={t("settings.view_open_of", { name: view.name })} title={t("settings.view_open_of", { name: view.name })}
          className="inline-flex size-8 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-ink">
          <ExternalLink aria-hidden className="size-4" />
        </Link>
        {may && (
          <>
            <IconButton icon={Pencil} label={t("settings.rename_of", { name: view.name })} onClick={onRename} />
            <IconButton icon={Trash2} label={t("settings.delete_of", { name: view.name })} onClick={onRemove} />
          </>
        )}
      </span>
    </Row>
  );
}
